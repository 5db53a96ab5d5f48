import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ActivityExecutionAlreadyStartedError,
  type ActivityHandle,
  type Client,
  isGrpcServiceError,
} from '@temporalio/client';
import { type HostControlActivities } from '../domain/activity-types';
import { MainspringError } from '../base/errors';
import { type HostReport, HOST_TIMEOUT_MS } from '../domain/hosts/hosts';
import { hostActivityId, hostQueue } from '../domain/names';
import { identityOf, isAlive } from '../process/process-identity';

/** Timeout of a presence, which has no end of its own; Temporal wants one. */
const FOREVER = '3650 days';
/** Time after which a presence that no host takes is of a host that died while it started, in ms. */
const START_TIMEOUT_MS = 10_000;
const POLL_MS = 500;
const RETRY_MS = 500;

export interface Presence {
  /** Rejects when another host has the id now. */
  readonly lost: Promise<never>;
  /** Stops to renew it. */
  close(): void;
}

/**
 * Announces this host, for as long as it lives: also again after Temporal was unavailable for longer than its timeout,
 * or this process was frozen. Resolves when it is announced for the first time.
 *
 * @throws MainspringError ALREADY_RUNNING, when a living host has the id
 */
export async function bePresent(client: Client, hostId: string): Promise<Presence> {
  let isClosed = false;
  const first = await begin(client, hostId);
  const keep = async (): Promise<never> => {
    for (let handle = first; ; handle = await beginAgain()) {
      await handle.result().catch(() => undefined); // however it ended: as long as this host lives it is renewed
      if (isClosed) return new Promise(() => undefined);
      await sleep(RETRY_MS);
    }
  };
  const beginAgain = async () => {
    for (;;) {
      try {
        return await begin(client, hostId);
      } catch (error) {
        if (!isGrpcServiceError(error) && !isGrpcServiceError(causeOf(error))) throw error;
        await sleep(RETRY_MS); // Temporal is unavailable
      }
    }
  };
  const lost = keep();
  lost.catch(() => undefined); // whoever waits for it gets it
  return { lost, close: () => void (isClosed = true) };
}

type Handle = ActivityHandle<void>;

async function begin(client: Client, hostId: string): Promise<Handle> {
  let seenAtMs: number | undefined;
  for (;;) {
    const started = await start(client, hostId);
    if (started) return started;
    const other: Handle = client.activity.getHandle(hostActivityId(hostId));
    const found = await other.describe({ includeHeartbeatDetails: true }).catch(() => undefined); // it is over: begin anew
    if (found?.status !== 'RUNNING') continue;
    // No host has taken it: it is on the queue that this host polls.
    if (found.runState === 'SCHEDULED') return other;
    const report = await found.getHeartbeatDetails<HostReport>();
    const whose = report && ownerOf(report);
    if (whose === 'mine') return other;
    if (whose === 'dead') {
      await other.terminate(`host ${hostId} restarted`).catch(() => undefined); // somebody else has ended it
      continue;
    }
    // A host of another machine lives if it sends another heartbeat; a dead one times out meanwhile.
    const heardAtMs = found.lastHeartbeatTime?.getTime();
    const isHeard = seenAtMs !== undefined && heardAtMs !== undefined && heardAtMs > seenAtMs;
    if (report && (whose === 'alive' || isHeard)) throw alreadyRuns(report);
    seenAtMs ??= heardAtMs;
    await sleep(POLL_MS);
  }
}

async function start(client: Client, hostId: string): Promise<Handle | undefined> {
  try {
    return await client.activity.typed<HostControlActivities>().start('runHost', {
      id: hostActivityId(hostId),
      taskQueue: hostQueue(hostId),
      args: [{ hostId }],
      summary: `host ${hostId}`,
      startToCloseTimeout: FOREVER,
      scheduleToStartTimeout: START_TIMEOUT_MS,
      heartbeatTimeout: HOST_TIMEOUT_MS,
      retry: { maximumAttempts: 1 },
      idReusePolicy: 'ALLOW_DUPLICATE',
      idConflictPolicy: 'FAIL',
    });
  } catch (error) {
    if (error instanceof ActivityExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

/** Returns the owner of a presence; undefined for a host of another machine. */
function ownerOf({ machine, pid, startTime }: HostReport): 'mine' | 'dead' | 'alive' | undefined {
  if (machine !== hostname()) return undefined;
  const own = identityOf(process.pid);
  if (pid === own.pid && startTime === own.startTime) return 'mine';
  return isAlive({ pid, startTime }) ? 'alive' : 'dead';
}

function alreadyRuns({ id, pid, machine }: HostReport): MainspringError {
  return new MainspringError(
    'ALREADY_RUNNING',
    `A host with the ID "${id}" is already running (pid ${pid} on ${machine}).`,
    { fix: 'Choose another ID: --host-id <id>.' },
  );
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
