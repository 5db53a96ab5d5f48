import { Context } from '@temporalio/activity';
import { Semaphore } from '../../src/async/semaphore';
import { type ToolCatalogue, type ListedTools } from '../../src/domain/catalogue/tools';
import { type Owner } from '../../src/domain/entity/owner';
import {
  type SessionHeartbeat,
  type SessionInput,
  type SessionReady,
} from '../../src/domain/entity/session';
import { cannotRun, isUnfit } from '../../src/domain/hosts/placement';
import { sessionWorkflowId } from '../../src/domain/names';
import { type ServerSpec } from '../../src/domain/spec';
import { type SignedSpec } from '../../src/domain/trust/signed-spec';
import { verifySpec } from '../../src/inventory/signature';
import { type HostDeps } from '../deps';
import { HealthMonitor } from '../health/health-monitor';
import { followOffer } from '../server/follow-offer';
import { followTools, takeTools } from '../server/follow-tools';
import { type IdleWatch, watchIdle } from '../server/idle-watch';
import { RefusedMessages } from '../server/refused-messages';
import { type Finding, SessionIsolation } from '../server/session-isolation';
import {
  type Failure,
  type Launched,
  type Serving,
  SupervisedServer,
} from '../server/supervised-server';
import { EntityReports } from './entity-reports';
import { launch } from './launch';
import { type Lease, openLease } from './lease';
import { heartbeatOfPredecessor } from './predecessor';
import { openProbation, type Probation } from './probation';
import { type Session } from './session';
import { controlOf } from './session-control';
import { type End } from './session-end';
import { trusted } from './session-failure';
import { answeredOn, heartbeat, readyReport } from './session-report';
import { openSessionWorkers, type SessionWorkers } from './session-workers';

/** Time for the last reports of a session to get through before the activity ends anyway, in ms. */
const REPORT_GRACE_MS = 1_000;

/**
 * One server and everything that this host has for it while it owns it. In this order: constructed, `start`, `owned`
 * until something ends it, `end`, and `close` whatever went wrong.
 */
export class OwnedSession implements Session {
  readonly name: string;
  readonly generation: number;
  readonly epoch: number;
  readonly replica: number;
  readonly owner: Owner;
  readonly isolation: SessionIsolation;
  readonly server: SupervisedServer;
  readonly monitor: HealthMonitor;
  readonly room: Semaphore;
  readonly lease: Lease;
  spec: ServerSpec;
  ending: Session['ending'];
  readonly #predecessor: SessionHeartbeat | undefined;
  readonly #reports: EntityReports;
  readonly #probation: Probation;
  readonly #refused: RefusedMessages;
  readonly #idle: IdleWatch;
  /** The spec of a reload in this session: it goes with the heartbeats to the next owner. */
  #replacedBy: SignedSpec | undefined;
  #isAnnounced = false;
  #workers: SessionWorkers | undefined;
  #disown: () => void = () => undefined;

  /** @throws ApplicationFailure when the signature of the spec is wrong: then nothing was begun */
  constructor(
    private readonly deps: HostDeps,
    input: SessionInput,
  ) {
    this.#predecessor = heartbeatOfPredecessor();
    this.#replacedBy = this.#predecessor?.replacedBy;
    this.spec = trusted(() => verifySpec(deps.key, this.#replacedBy ?? input.signed));
    this.owner = ownerOf(deps, input);
    this.name = input.name;
    this.generation = input.generation;
    this.epoch = this.owner.epoch;
    this.replica = input.replica ?? 0;
    this.#reports = new EntityReports(deps.client, input.entityId);
    this.room = new Semaphore(this.spec.limits.concurrentCalls);
    this.isolation = this.#createIsolation(input);
    this.#probation = this.#openProbation();
    this.server = this.#createServer();
    this.monitor = this.#createMonitor();
    this.#refused = new RefusedMessages((reason) => this.#report({ about: 'remark', reason }));
    this.#idle = watchIdle(
      () => this.spec,
      this.server,
      () => this.#report({ about: 'idle' }),
    );
    // Last: its first heartbeat goes out now, and tells of all the others.
    this.lease = openLease(deps, this.spec.timeouts.hostMs, () => this.#heartbeat());
  }

  /** Begins with the child. */
  start(): void {
    this.server.start();
    this.#disown = this.deps.sessions.add(this);
    if (this.epoch > 1) this.#moved('taken', `host ${this.owner.host} is taking over`);
  }

  /** Opens the queues, tells the entity when the server answers, and keeps it until something ends that. */
  async owned(): Promise<End> {
    const ends = this.#ends();
    // While the child starts: its queue is polled only once it answers (call-slots.ts).
    const workers = await openSessionWorkers(this.deps, this, controlOf(this.deps, this));
    this.#workers = workers;
    const up = this.server.whenServing(new AbortController().signal);
    const first = await Promise.race([up, ends]);
    if (first !== undefined && 'connection' in first) {
      this.#announce(this.server.serving ?? first, 'ready');
      void this.lease.beat(); // the next owner may come before the next heartbeat
    }
    const broken = workers.broken.then((reason): End => ({ why: 'draining', reason }));
    return Promise.race([ends, broken]);
  }

  /** Takes everything down in the order that this end asks for, and gets the last reports through. */
  async end(end: End): Promise<void> {
    this.ending = end.why;
    await this.#takeDown(end);
    // A termination arrives as a stop, or as the loss of the lease.
    const mayBeOver = end.why === 'fenced' || end.why === 'stopping';
    if (mayBeOver && (await this.#isOver())) {
      const { generation, replica } = this;
      const number = replica > 0 && { replica };
      this.#reports.send('sessionExited', { generation, kind: 'gone', ...number });
    }
    await this.#reports.close(REPORT_GRACE_MS);
    if (end.why === 'draining') void this.lease.beat(); // the next owner goes on with all of it
  }

  /** Nothing is left of it, whatever went wrong: the next attempt may be on this host. */
  async close(): Promise<void> {
    this.#disown();
    this.deps.awaited.release(this.name);
    this.ending ??= 'failed';
    await Promise.allSettled([this.server.kill(), this.#workers?.close()]);
    this.lease.close();
    this.monitor.close();
    this.isolation.close();
    this.#idle.close();
    this.#refused.close();
  }

  /** Continues with the spec of a reload. */
  adopt(spec: ServerSpec, signed: SignedSpec): void {
    this.spec = spec;
    this.#replacedBy = signed;
  }

  #createIsolation(input: SessionInput): SessionIsolation {
    const { store, notices } = this.deps;
    return new SessionIsolation(
      {
        spec: () => this.spec,
        catalogues: store.catalogue,
        notices,
        report: (finding) => this.#report(finding),
        checkNow: () => this.monitor.checkNow(),
      },
      { fromEntity: input.isolation, fromPredecessor: this.#predecessor?.isolation },
    );
  }

  #openProbation(): Probation {
    return openProbation(this.deps, this.name, this.owner, {
      predecessor: this.#predecessor,
      record: () => this.lease.beat(),
      tell: (reason) => this.#moved('taken', reason),
    });
  }

  #createServer(): SupervisedServer {
    return new SupervisedServer(this.spec, {
      answeredBefore: this.#predecessor?.hasBeenReady ?? false,
      launch: (spec, signal) => this.#launch(spec, signal),
      onReady: (serving, reason) => this.#ready(serving, reason),
      onBackoff: (error, delayMs) => {
        const { restarts } = this.server;
        const report = { ...this.owner, restarts, error: error.report(), delayMs };
        this.#reports.send('sessionBackoff', report);
      },
    });
  }

  #createMonitor(): HealthMonitor {
    const { name, server, owner, isolation } = this;
    return new HealthMonitor({
      name,
      server,
      owner,
      host: this.deps,
      isolation,
      // The next list, of a round or after a change, is taken over in its place.
      onTools: (serving, listed) => void this.#sawTools(serving, listed).catch(() => undefined), // the next list is compared again
      onChange: (health, reason) =>
        this.#reports.send('sessionHealth', { ...owner, health, reason }),
    });
  }

  async #launch(spec: ServerSpec, signal: AbortSignal): Promise<Launched> {
    await this.#probation.admit(spec, signal);
    // What has run before does not wait behind what starts for the first time.
    const isUrgent = this.#isAnnounced || this.epoch > 1;
    const sawTools = (catalogue: ToolCatalogue) => this.isolation.sawTools(catalogue);
    return launch(this.deps, spec, signal, { isUrgent, sawTools });
  }

  #ready(serving: Serving, reason: string): void {
    followTools(serving, (listed) => this.#sawTools(serving, listed));
    followOffer(this.deps, this.name, serving);
    this.#refused.follow(serving.connection);
    // The first time, its queues are opened before it is reported as ready.
    if (this.#isAnnounced) this.#announce(serving, reason);
  }

  #announce(serving: Serving, reason: string): void {
    this.#isAnnounced = true;
    this.#reports.send('sessionReady', this.readyReport(serving, reason));
    this.monitor.watch(serving);
  }

  readyReport(serving: Serving, reason: string): SessionReady {
    return readyReport(this.owner, this, serving, reason);
  }

  async #sawTools(serving: Serving, listed: ListedTools): Promise<void> {
    const { deps, isolation } = this;
    if (await takeTools(deps.store, isolation, serving, listed))
      this.#announce(serving, 'tools changed');
  }

  #report(finding: Finding): void {
    this.#reports.send('sessionFinding', { ...this.owner, ...finding });
  }

  #moved(phase: 'taken' | 'moving', reason: string): void {
    this.#reports.send('sessionMoved', { ...this.owner, phase, reason });
  }

  #heartbeat(): SessionHeartbeat {
    const { owner, server, isolation, monitor } = this;
    return {
      ...heartbeat({ owner, server, isolation, monitor, predecessor: this.#predecessor }),
      ...this.#probation.report(),
      ...(this.#replacedBy && { replacedBy: this.#replacedBy }),
    };
  }

  /** The first that happens of what ends it, apart from its workers. */
  #ends(): Promise<End> {
    const { lease, server } = this;
    const stop = (): End => ({ why: this.#idle.wasTold() ? 'idle' : 'stopping' });
    return Promise.race([
      this.#cancelled(stop),
      lease.cancelRequested.then(stop),
      lease.lost.then((reason): End => ({ why: 'fenced', reason })),
      server.failed.then((failure) => this.#endOfFailed(failure)),
    ]);
  }

  #cancelled(stop: () => End): Promise<End> {
    const context = Context.current();
    return context.cancelled.catch((): End => {
      const details = context.cancellationDetails;
      if (details?.workerShutdown) {
        const reason = `host ${this.owner.host} is draining`;
        this.#moved('moving', reason);
        return { why: 'draining', reason };
      }
      if (details?.cancelRequested) return stop();
      return { why: 'fenced', reason: 'Temporal gave up the session' };
    });
  }

  /** Another host may have what this one lacks. */
  #endOfFailed(failure: Failure): End {
    const { owner, server } = this;
    const { code, message } = failure.error;
    const lastAnswered = answeredOn({ owner, server, predecessor: this.#predecessor });
    if (!isUnfit(owner.host, lastAnswered, code)) return { why: 'failed', failure };
    const reason = cannotRun(owner.host, message);
    this.#moved('moving', reason);
    return { why: 'unfit', reason };
  }

  async #takeDown(end: End): Promise<void> {
    const { server, spec } = this;
    switch (end.why) {
      case 'fenced':
      case 'unfit':
      case 'failed':
        await Promise.all([server.kill(), this.#workers?.close()]);
        break;
      case 'stopping':
        // The queue stays open until the child is gone, so that calls in it are refused and not lost.
        await server.stop(spec.timeouts.stopMs);
        await this.#workers?.close();
        break;
      case 'idle':
      case 'draining':
        // Calls in flight finish first; those in the queue wait for the next owner.
        await server.serving?.calls.quiet(this.deps.leaving.graceMs);
        await this.#workers?.close();
        await server.stop(spec.timeouts.stopMs);
    }
  }

  /** Whether somebody terminated the session: then only this host can tell its entity. */
  async #isOver(): Promise<boolean> {
    const { client } = this.deps;
    const id = sessionWorkflowId(this.name, this.generation, this.owner.replica);
    try {
      const session = client.workflow.getHandle(id);
      const deadline = Date.now() + REPORT_GRACE_MS;
      const { status } = await client.withDeadline(deadline, () => session.describe());
      return status.name !== 'RUNNING';
    } catch {
      return false; // Temporal is away: the next owner reports
    }
  }
}

function ownerOf({ hostId }: HostDeps, { generation, replica = 0 }: SessionInput): Owner {
  return {
    generation,
    host: hostId,
    hostPid: process.pid,
    epoch: Context.current().info.attempt,
    ...(replica > 0 && { replica }),
  };
}
