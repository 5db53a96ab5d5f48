import { setTimeout as sleep } from 'node:timers/promises';
import { MainspringError } from '../../src/base/errors';
import { lossesAfter, precautionFor } from '../../src/domain/hosts/host-losses';
import { sessionWorkflowId } from '../../src/domain/names';
import { type SessionHeartbeat } from '../../src/domain/entity/session';
import { type ServerSpec } from '../../src/domain/spec';
import { type HostDeps } from '../deps';
import { prepare, serverLogFile } from './launch';
import { rehearse } from './rehearsal';
import { type Owner } from '../../src/domain/entity/owner';

/** Longest wait until Temporal has recorded that a server is started, in ms. */
const RECORD_LIMIT_MS = 1_000;

export interface Probation {
  /**
   * Resolves when the server may be started here.
   *
   * @throws MainspringError SERVER_KILLS_HOST
   */
  admit(spec: ServerSpec, signal: AbortSignal): Promise<void>;
  /** Returns what the next owner has to know if this host dies. */
  report(): Pick<SessionHeartbeat, 'hostLosses' | 'launchedForMs'>;
}

export interface ProbationDeps {
  /** Last heartbeat of the owner before this one. */
  predecessor: SessionHeartbeat | undefined;
  /** Sends the report to Temporal; never rejects. */
  record: () => Promise<void>;
  /** Shows what the server waits for. */
  tell: (reason: string) => void;
}

/** Keeps a server under which hosts have died from killing the next one: it is first started in a process of its own. */
export function openProbation(
  host: HostDeps,
  name: string,
  owner: Owner,
  { predecessor, record, tell }: ProbationDeps,
): Probation {
  let losses = predecessor?.hostLosses;
  let launchedAt: number | undefined;

  const takeCare = async (spec: ServerSpec, signal: AbortSignal) => {
    losses = lossesAfter(predecessor, owner.epoch, await lastFailure(host, name, owner));
    const { pauseMs, rehearseMs } = precautionFor(losses, predecessor?.launchedForMs);
    const hosts = `${losses.early} hosts in a row have died soon after starting it`;
    if (pauseMs > 0) {
      tell(`${hosts}; starting it in ${pauseMs / 1_000} s`);
      await sleep(pauseMs, undefined, { signal });
    }
    if (rehearseMs > 0) {
      tell(`${hosts}; starting it in a separate process first`);
      const died = await rehearseIn(host, spec, rehearseMs, signal);
      if (died) throw killsHosts(name, hosts, died);
    }
  };

  return {
    async admit(spec, signal) {
      if (launchedAt !== undefined) return;
      await (owner.epoch > 1 && takeCare(spec, signal));
      launchedAt = performance.now();
      // This host may be dead before its next heartbeat.
      await Promise.race([record(), sleep(RECORD_LIMIT_MS, undefined, { ref: false })]);
    },

    report: () => ({
      ...(losses && losses.early > 0 && { hostLosses: losses }),
      ...(launchedAt !== undefined && {
        launchedForMs: Math.round(performance.now() - launchedAt),
      }),
    }),
  };
}

async function rehearseIn(
  host: HostDeps,
  spec: ServerSpec,
  forMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { hostId, home, logger } = host;
  const prepared = await prepare(host, spec, signal);
  const rehearsal = { home, hostId, ...prepared, logFile: serverLogFile(home, spec.name), forMs };
  const died = await host.starts(() => rehearse(rehearsal, signal), signal, { isUrgent: true });
  logger.warn(
    { server: spec.name, died },
    'tried a server that hosts have died with in a separate process',
  );
  return died;
}

function killsHosts(name: string, hosts: string, died: string): MainspringError {
  return new MainspringError(
    'SERVER_KILLS_HOST',
    `"${name}" is not started again: ${hosts}, and so has the separate process that started it (${died})`,
  );
}

/** Returns how the previous attempt ended, as Temporal knows it; undefined when it does not say. */
async function lastFailure(
  { client }: HostDeps,
  name: string,
  { generation, replica }: Owner,
): Promise<string | undefined> {
  try {
    const session = client.workflow.getHandle(sessionWorkflowId(name, generation, replica));
    const { raw } = await session.describe();
    return raw.pendingActivities?.[0]?.lastFailure?.message ?? undefined;
  } catch {
    return undefined;
  }
}
