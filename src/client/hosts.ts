import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { type ActivityExecutionInfo } from '@temporalio/client';
import { type HostControlActivities } from '../domain/activity-types';
import { MainspringError } from '../base/errors';
import {
  HOST_SILENT_MS,
  HOST_TIMEOUT_MS,
  type HostReport,
  type HostStatus,
} from '../domain/hosts/hosts';
import { hostActivityId, hostQueue } from '../domain/names';
import { type ClientContext } from './context';
import { translated } from './failures';
import { unknownHost } from '../domain/servers/unknown-name-errors';
import { pause } from '../async/pause';

/** Time for calls in flight when a host is drained, in ms. */
const DRAIN_GRACE_MS = 60_000;
/** Time for which lost hosts are listed, in ms. */
const LOST_HOST_SHOWN_MS = 3_600_000;

const POLL_MS = 250;
const RECENT_MS = 1_000;
/** Time beyond the grace for calls, in ms: their servers must be stopped, and the last reports arrive. */
const DRAIN_MARGIN_MS = 60_000;
/** Longest time until a host that is to restart has ended, or has come back, in ms. */
const RESTART_TIMEOUT_MS = 60_000;
const ORDER_TIMEOUT_MS = 30_000;

/** Ends of a presence on purpose: nothing is lost. */
const ENDED_IN_ORDER: ReadonlySet<string> = new Set(['COMPLETED', 'CANCELED', 'TERMINATED']);

export interface DrainOptions {
  /** Milliseconds that calls in flight may take; default 60 s. Then they are cut off. */
  graceMs?: number;
  /** Called with the status of the host, each time that it has fewer servers. */
  onProgress?: (host: HostStatus) => void;
}

/** Result of a restart of a host. */
export interface HostRestarted {
  id: string;
  /** Whether it has come back: only hosts that `up` watches do so by themselves. */
  isBack: boolean;
  pid: number | null;
}

/** Hosts of an instance, on whatever machine, as Temporal knows them. */
export class Hosts {
  #recent: { hosts: Promise<HostStatus[]>; askedAt: number } | undefined;

  /** @internal */
  constructor(private readonly context: ClientContext) {}

  /** Lists hosts that run, and those that were lost within the last hour, by id. */
  async list(): Promise<HostStatus[]> {
    const since = new Date(Date.now() - LOST_HOST_SHOWN_MS).toISOString();
    const recent = `(ExecutionStatus = 'Running' OR CloseTime > '${since}')`;
    const query = `ActivityType = 'runHost' AND ${recent}`;
    const newest = new Map<string, ActivityExecutionInfo>();
    for await (const found of this.context.client.activity.list(query)) {
      const known = newest.get(found.activityId);
      if (!known || startOf(found) > startOf(known)) newest.set(found.activityId, found);
    }
    const hosts = await Promise.all([...newest.values()].map((found) => this.#statusOf(found)));
    return hosts.flatMap((host) => host ?? []).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * Returns the same as `list`, but for many callers queries once a second at most.
   *
   * @internal
   */
  async recent(): Promise<HostStatus[]> {
    const now = performance.now();
    if (!this.#recent || now - this.#recent.askedAt > RECENT_MS) {
      this.#recent = { hosts: this.list(), askedAt: now };
    }
    return this.#recent.hosts;
  }

  /**
   * Returns one host that runs, or was lost a short time ago.
   *
   * @throws MainspringError UNKNOWN_HOST, with near matches
   */
  async get(id: string): Promise<HostStatus> {
    const hosts = await this.list();
    const host = hosts.find((known) => known.id === id);
    if (host) return host;
    throw unknownHost(
      id,
      hosts.map((known) => known.id),
    );
  }

  /**
   * Makes a host hand over all of its servers and take no more. Calls in flight finish first; later ones wait for the
   * next host.
   *
   * @throws MainspringError UNKNOWN_HOST, HOST_LOST
   */
  async drain(id: string, options: DrainOptions = {}): Promise<HostReport> {
    const { graceMs = DRAIN_GRACE_MS, onProgress } = options;
    await this.#living(id);
    const over = new AbortController();
    const told = onProgress && this.#reportProgress(id, onProgress, over.signal);
    try {
      return await this.#order(id, 'drainHost', [{ graceMs }], graceMs + DRAIN_MARGIN_MS);
    } finally {
      over.abort();
      await told;
    }
  }

  /** Lets a drained host take servers again. */
  async resume(id: string): Promise<HostReport> {
    await this.#living(id);
    return this.#order(id, 'resumeHost', [{ hostId: id }], ORDER_TIMEOUT_MS);
  }

  /** Drains a host and ends its process. One that `up` watches is started again, which this waits for. */
  async restart(id: string, options: DrainOptions = {}): Promise<HostRestarted> {
    const before = await this.#living(id);
    await this.drain(id, options);
    await this.context.client.activity.getHandle(hostActivityId(id)).cancel('restart requested');
    const giveUpAt = Date.now() + RESTART_TIMEOUT_MS;
    for (;;) {
      const now = (await this.list()).find((host) => host.id === id && host.presence === 'alive');
      const isAnother = now?.pid !== before.pid || now.startedAtMs !== before.startedAtMs;
      if (now && isAnother && now.state === 'ready') return { id, isBack: true, pid: now.pid };
      if (!now && !before.isSupervised) return { id, isBack: false, pid: null };
      if (Date.now() > giveUpAt) {
        const message = `Host "${id}" did not come back within ${RESTART_TIMEOUT_MS / 1_000} s.`;
        throw new MainspringError('HOST_LOST', message, {
          fix: 'Check its state: mainspring host list.',
        });
      }
      await sleep(POLL_MS);
    }
  }

  async #statusOf({ activityId, activityRunId }: ActivityExecutionInfo) {
    const presence = this.context.client.activity.getHandle(activityId, activityRunId);
    const found = await presence.describe({ includeHeartbeatDetails: true }).catch(() => undefined); // it has ended meanwhile
    const report = await found?.getHeartbeatDetails<HostReport>();
    if (!found || !report) return undefined; // it has not begun, or has ended before that
    if (ENDED_IN_ORDER.has(found.status)) return undefined;
    const lastSeenAtMs = found.lastHeartbeatTime?.getTime() ?? 0;
    const silentMs = Date.now() - lastSeenAtMs;
    const isOver = found.status !== 'RUNNING' || silentMs > HOST_TIMEOUT_MS;
    const presenceNow = isOver ? 'lost' : silentMs > HOST_SILENT_MS ? 'silent' : 'alive';
    return { ...report, presence: presenceNow, lastSeenAtMs } satisfies HostStatus;
  }

  async #living(id: string): Promise<HostStatus> {
    const host = await this.get(id);
    if (host.presence !== 'lost') return host;
    const message = `Host "${id}" is lost and cannot be reached.`;
    throw new MainspringError('HOST_LOST', message, {
      fix: 'Its servers have moved to other hosts. Start it again: mainspring host run.',
    });
  }

  async #order<Name extends 'drainHost' | 'resumeHost'>(
    id: string,
    name: Name,
    args: Parameters<HostControlActivities[Name]>,
    timeoutMs: number,
  ): Promise<HostReport> {
    try {
      return await this.context.client.activity.execute<HostReport>(name, {
        id: `${hostActivityId(id)}/${name}/${randomUUID()}`,
        taskQueue: hostQueue(id),
        args,
        summary: `${name === 'drainHost' ? 'drain' : 'resume'} host ${id}`,
        scheduleToCloseTimeout: timeoutMs,
        heartbeatTimeout: HOST_TIMEOUT_MS,
        retry: { maximumAttempts: 1 },
      });
    } catch (error) {
      const known = translated(error, id);
      if (known instanceof MainspringError) throw known;
      const message = `Host "${id}" did not complete the command: it stopped or was lost.`;
      throw new MainspringError('HOST_LOST', message, {
        fix: 'Check its state: mainspring host list.',
        cause: error,
      });
    }
  }

  async #reportProgress(
    id: string,
    onProgress: (host: HostStatus) => void,
    over: AbortSignal,
  ): Promise<void> {
    let left: number | undefined;
    while (!over.aborted) {
      const host = await this.get(id).catch(() => undefined); // the drain itself reports what is wrong
      if (host && !over.aborted && host.sessions.length !== left) onProgress(host);
      left = host?.sessions.length ?? left;
      await pause(POLL_MS, over);
    }
  }
}

function startOf({ scheduleTime }: ActivityExecutionInfo): number {
  return scheduleTime?.getTime() ?? 0;
}
