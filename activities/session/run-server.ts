import { ApplicationFailure, Context } from '@temporalio/activity';
import { type ApplyIsolationInput } from '../../src/domain/activity-types';
import { ERROR_FIXES, isErrorCode, MainspringError } from '../../src/base/errors';
import { type HealthResult } from '../../src/domain/health/health';
import {
  REPLACE_REFUSED,
  type ReplaceChildInput,
  type SessionHeartbeat,
  type SessionInput,
  type SessionReady,
} from '../../src/domain/entity/session';
import { sessionWorkflowId } from '../../src/domain/names';
import { cannotRun, isUnfit } from '../../src/domain/hosts/placement';
import { type ListedTools, type ToolCatalogue } from '../../src/domain/catalogue/tools';
import { isUnsigned } from '../../src/domain/trust/unsigned-values';
import { verifySpec } from '../../src/inventory/signature';
import { Semaphore } from '../../src/async/semaphore';
import { type HostDeps } from '../deps';
import { followOffer } from '../server/follow-offer';
import { followTools, takeTools } from '../server/follow-tools';
import { HealthMonitor } from '../health/health-monitor';
import { type IdleWatch, watchIdle } from '../server/idle-watch';
import { checkLaunchable, launch, valuesOf } from './launch';
import { openLease } from './lease';
import { RefusedMessages } from '../server/refused-messages';
import { EntityReports } from './entity-reports';
import { openProbation } from './probation';
import { type Session } from './session';
import { type Finding, SessionIsolation } from '../server/session-isolation';
import { type End, throwFor } from './session-end';
import { answeredOn, heartbeat, readyReport } from './session-report';
import { openSessionWorkers, type SessionWorkers } from './session-workers';
import { ANSWERS_AGAIN, type Serving, SupervisedServer } from '../server/supervised-server';
import { type Owner } from '../../src/domain/entity/owner';
import { type SignedSpec } from '../../src/domain/trust/signed-spec';

/** How long the last reports of a session may take to get through before the activity ends anyway. */
const REPORT_GRACE_MS = 1_000;

/**
 * Owns one MCP server: brings it up, opens its queues, keeps it alive, and ends when it is told to, when it
 * loses the right to go on, or when the server cannot be kept up.
 */
export async function runServer(deps: HostDeps, input: SessionInput): Promise<void> {
  const owned = own(deps, input);
  const { session, reports, owner } = owned;
  const ends = endOf(owned);
  const disown = deps.sessions.add(session);
  if (owner.epoch > 1) {
    const reason = `host ${owner.host} is taking over`;
    reports.send('sessionMoved', { ...owner, phase: 'taken', reason });
  }
  let workers: SessionWorkers | undefined;
  try {
    // While the child starts: its queue is polled only once it answers (call-slots.ts).
    const opened = await openSessionWorkers(deps, session, controlOf(owned));
    workers = opened;
    const up = session.server.whenServing(new AbortController().signal);
    const first = await Promise.race([up, ends]);
    if (first !== undefined && 'connection' in first) {
      owned.announce(session.server.serving ?? first, 'ready');
      void session.lease.beat(); // the next owner may come before the next heartbeat
    }
    const broken = opened.broken.then((reason): End => ({ why: 'draining', reason }));
    const end = await Promise.race([ends, broken]);
    session.ending = end.why;
    await takeDown(owned, end, () => opened.close());
    if (end.why === 'draining') void session.lease.beat(); // the next owner goes on with all of it
    throwFor(end, owner);
  } finally {
    disown();
    session.ending ??= 'failed';
    // Nothing is left of it, whatever went wrong: the next attempt may be on this host.
    await Promise.allSettled([session.server.kill(), workers?.close()]);
    session.lease.close();
    owned.monitor.close();
    session.isolation.close();
    owned.idle.close();
    owned.refused.close();
  }
}

interface Owned {
  deps: HostDeps;
  owner: Owner;
  session: Session;
  reports: EntityReports;
  monitor: HealthMonitor;
  idle: IdleWatch;
  refused: RefusedMessages;
  /** The spec of a reload in this session: it goes with the heartbeats to the next owner. */
  replaced: { signed?: SignedSpec };
  predecessor: SessionHeartbeat | undefined;
  announce(serving: Serving, reason: string): SessionReady;
}

function own(deps: HostDeps, input: SessionInput): Owned {
  const { name, generation, entityId, replica = 0 } = input;
  const predecessor = heartbeatOfPredecessor();
  const replaced = { signed: predecessor?.replacedBy };
  const spec = trusted(() => verifySpec(deps.key, replaced.signed ?? input.signed));
  const owner = ownerOf(deps, input);
  const reports = new EntityReports(deps.client, entityId);
  const report = (finding: Finding) => reports.send('sessionFinding', { ...owner, ...finding });
  let isAnnounced = false;
  const announce = (serving: Serving, reason: string): SessionReady => {
    isAnnounced = true;
    const ready = readyReport(owner, session, serving, reason);
    reports.send('sessionReady', ready);
    monitor.watch(serving);
    return ready;
  };
  const currentSpec = () => session.spec;
  const lists = { catalogues: deps.store.catalogue, notices: deps.notices };
  const isolation: SessionIsolation = new SessionIsolation(
    { spec: currentSpec, ...lists, report, checkNow: () => monitor.checkNow() },
    { fromEntity: input.isolation, fromPredecessor: predecessor?.isolation },
  );
  const probation = openProbation(deps, name, owner, {
    predecessor,
    record: () => lease.beat(),
    tell: (reason) => reports.send('sessionMoved', { ...owner, phase: 'taken', reason }),
  });
  const server: SupervisedServer = new SupervisedServer(spec, {
    answeredBefore: predecessor?.hasBeenReady ?? false,
    launch: async (wanted, signal) => {
      await probation.admit(wanted, signal);
      // What has run before does not wait behind what starts for the first time.
      const isUrgent = isAnnounced || owner.epoch > 1;
      const sawTools = (catalogue: ToolCatalogue) => isolation.sawTools(catalogue);
      return launch(deps, wanted, signal, { isUrgent, sawTools });
    },
    onReady: (serving, reason) => {
      followTools(serving, (listed) => sawTools(serving, listed));
      followOffer(deps, name, serving);
      refused.follow(serving.connection);
      // The first time, its queues are opened before anybody is told.
      if (isAnnounced) announce(serving, reason);
    },
    onBackoff: (error, delayMs) => {
      const { restarts } = server;
      reports.send('sessionBackoff', { ...owner, restarts, error: error.report(), delayMs });
    },
  });
  const sawTools = async (serving: Serving, listed: ListedTools) => {
    if (await takeTools(deps.store, isolation, serving, listed)) announce(serving, 'tools changed');
  };
  const monitor = new HealthMonitor({
    ...{ name, server, owner, host: deps, isolation },
    onTools: (serving, listed) => void sawTools(serving, listed).catch(() => undefined), // the next list is compared again
    onChange: (health, reason) => reports.send('sessionHealth', { ...owner, health, reason }),
  });
  const lease = openLease(deps.client, spec.timeouts.hostMs, () => ({
    ...heartbeat({ owner, server, isolation, monitor, predecessor }),
    ...probation.report(),
    ...(replaced.signed && { replacedBy: replaced.signed }),
  }));
  const session: Session = {
    ...{ name, generation, replica, server, lease, isolation, spec, epoch: owner.epoch },
    room: new Semaphore(spec.limits.concurrentCalls),
    ending: undefined,
  };
  const idle = watchIdle(currentSpec, server, () => report({ about: 'idle' }));
  const refused = new RefusedMessages((reason) => report({ about: 'remark', reason }));
  const watched = { monitor, idle, refused };
  return { deps, owner, session, reports, ...watched, replaced, predecessor, announce };
}

function ownerOf({ hostId }: HostDeps, { generation, replica = 0 }: SessionInput): Owner {
  return {
    ...{ generation, host: hostId, hostPid: process.pid },
    epoch: Context.current().info.attempt,
    ...(replica > 0 && { replica }),
  };
}

/** What the owner before this one knew: the session began with less. */
function heartbeatOfPredecessor(): SessionHeartbeat | undefined {
  const last: unknown = Context.current().info.heartbeatDetails;
  return isHeartbeat(last) && !isUnsigned(last) ? last : undefined;
}

function isHeartbeat(value: unknown): value is SessionHeartbeat {
  return value !== null && typeof value === 'object' && 'epoch' in value;
}

function endOf({ session, reports, owner, idle, predecessor }: Owned): Promise<End> {
  const { lease, server } = session;
  const context = Context.current();
  const stop = (): End => ({ why: idle.wasTold() ? 'idle' : 'stopping' });
  const cancelled = context.cancelled.catch((): End => {
    const details = context.cancellationDetails;
    if (details?.workerShutdown) {
      const reason = `host ${owner.host} is draining`;
      reports.send('sessionMoved', { ...owner, phase: 'moving', reason });
      return { why: 'draining', reason };
    }
    if (details?.cancelRequested) return stop();
    return { why: 'fenced', reason: 'Temporal gave up the session' };
  });
  return Promise.race([
    cancelled,
    lease.cancelRequested.then(stop),
    lease.lost.then((reason): End => ({ why: 'fenced', reason })),
    server.failed.then((failure): End => {
      const { code, message } = failure.error;
      if (!isUnfit(owner.host, answeredOn({ owner, server, predecessor }), code))
        return { why: 'failed', failure };
      const reason = cannotRun(owner.host, message);
      reports.send('sessionMoved', { ...owner, phase: 'moving', reason });
      return { why: 'unfit', reason };
    }),
  ]);
}

async function takeDown(owned: Owned, end: End, closeWorkers: () => Promise<void>): Promise<void> {
  const { session, reports, deps } = owned;
  const { server, spec } = session;
  switch (end.why) {
    case 'fenced':
    case 'unfit':
    case 'failed':
      await Promise.all([server.kill(), closeWorkers()]);
      break;
    case 'stopping':
      // The queue stays open until the child is gone, so that calls in it are refused and not lost.
      await server.stop(spec.timeouts.stopMs);
      await closeWorkers();
      break;
    case 'idle':
    case 'draining':
      // Calls in flight finish first; those in the queue wait for the next owner.
      await server.serving?.calls.quiet(deps.leaving.graceMs);
      await closeWorkers();
      await server.stop(spec.timeouts.stopMs);
  }
  // A termination is told as a stop, or as the loss of the lease.
  const mayBeOver = end.why === 'fenced' || end.why === 'stopping';
  if (mayBeOver && (await isSessionOver(owned))) {
    const { generation, replica } = session;
    const number = replica > 0 && { replica };
    reports.send('sessionExited', { generation, kind: 'gone', ...number });
  }
  await reports.close(REPORT_GRACE_MS);
}

/** Whether somebody terminated the session: then only this host can tell its entity. */
async function isSessionOver({ deps, owner, session: { name } }: Owned): Promise<boolean> {
  const id = sessionWorkflowId(name, owner.generation, owner.replica);
  try {
    const session = deps.client.workflow.getHandle(id);
    const deadline = Date.now() + REPORT_GRACE_MS;
    const { status } = await deps.client.withDeadline(deadline, () => session.describe());
    return status.name !== 'RUNNING';
  } catch {
    return false; // Temporal is away: the next owner reports
  }
}

/** Restart and reload under the open queue. */
function controlOf({ deps, session, owner, monitor, replaced }: Owned) {
  return {
    async replaceChild({ generation, signed }: ReplaceChildInput): Promise<SessionReady> {
      const isMine = generation === owner.generation && session.ending === undefined;
      if (!isMine)
        throw refused(new MainspringError('HOST_LOST', 'Another owner has this server.'));
      const spec = trusted(() => verifySpec(deps.key, signed));
      await checkLaunchable(deps, spec).catch((error: unknown) => {
        throw refused(error);
      });
      try {
        const serving = await session.server.replace(spec);
        session.spec = spec;
        replaced.signed = signed;
        return readyReport(owner, session, serving, ANSWERS_AGAIN);
      } catch (error) {
        if (session.server.serving) throw refused(error);
        // If the session goes on, because the server may come up at any time, then with this spec.
        session.spec = spec;
        replaced.signed = signed;
        throw asFailure(error, []);
      }
    },

    async haveValuesChanged({ generation: asked }: { generation: number }): Promise<boolean> {
      const { serving } = session.server;
      if (asked !== owner.generation || !serving) return false;
      // One that is missing now is told by the attempt to replace the child, which goes on as it was.
      const values = await valuesOf(deps, serving.spec).catch(() => undefined);
      return values !== serving.values;
    },

    async applyIsolation({ generation, isolation }: ApplyIsolationInput): Promise<void> {
      if (generation === owner.generation) session.isolation.apply(isolation);
    },

    async checkHealth(): Promise<HealthResult> {
      return monitor.checkNow().catch((error: unknown) => {
        throw asFailure(error, []);
      });
    },
  };
}

function trusted<T>(verify: () => T): T {
  try {
    return verify();
  } catch (error) {
    throw asFailure(error, ['failed']);
  }
}

function refused(error: unknown): ApplicationFailure {
  return asFailure(error, [REPLACE_REFUSED]);
}

function asFailure(error: unknown, details: unknown[]): ApplicationFailure {
  const isOurs = error instanceof MainspringError && isErrorCode(error.code);
  const code = isOurs ? error.code : 'INTERNAL_ERROR';
  const message = error instanceof Error ? error.message : String(error);
  const fix = isOurs ? error.fix : ERROR_FIXES[code];
  return ApplicationFailure.create({
    message,
    type: code,
    nonRetryable: true,
    details: [...details, fix],
  });
}
