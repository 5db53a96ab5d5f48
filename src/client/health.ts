import { randomUUID } from 'node:crypto';
import { ActivityExecutionFailedError, TimeoutFailure } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type SessionActivities } from '../domain/activity-types';
import { CALL_STATS_WINDOW_MS, type CallStats, noCalls } from '../domain/calls/call-stats';
import { isErrorCode, MainspringError } from '../base/errors';
import { type HealthResult } from '../domain/health/health';
import { type HealthSummary, type HealthView, shouldRun } from '../domain/health/health-view';
import { CONTROL_TIMEOUT_MS } from '../domain/limits';
import { controlQueue, healthActivityId } from '../domain/names';
import { type ServerState } from '../domain/states';
import { type ServerStatus } from '../domain/servers/status';
import { serverAttribute } from '../temporal/server-attribute';
import { queueLength } from './calls/durable/queue-length';
import { type ClientContext } from './context';
import { translated } from './failures';
import { type Servers } from './servers/servers';

/** Longest wait for a round of health checks, in ms. */
const HEALTH_NOW_TIMEOUT_MS = 120_000;

const DEFAULT_RESULTS = 100;

/** States without a process that could be checked. */
const WITHOUT_PROCESS: ReadonlySet<ServerState> = new Set([
  ...['STOPPED', 'INSTALLING', 'STOPPING', 'ERROR'],
] as ServerState[]);

/** Health of the servers. */
export class HealthReports {
  /** @internal */
  constructor(
    private readonly context: ClientContext,
    private readonly servers: Servers,
  ) {}

  /** Lists every server, by name, with the calls that ended since then; default the last hour. */
  async list({ sinceMs = Date.now() - CALL_STATS_WINDOW_MS } = {}): Promise<HealthSummary[]> {
    const [statuses, stats] = await Promise.all([
      this.servers.statuses(),
      this.context.store.calls.stats({ sinceMs }),
    ]);
    const known = new Map(stats.map((one) => [one.server, one]));
    return statuses.map((status) =>
      summaryOf(status, known.get(status.name) ?? noCalls(status.name, sinceMs)),
    );
  }

  /**
   * Returns everything about the health of one server.
   *
   * @throws MainspringError UNKNOWN_SERVER
   */
  async get(server: string, { results = DEFAULT_RESULTS } = {}): Promise<HealthView> {
    const { store } = this.context;
    const status = await this.servers.get(server);
    const sinceMs = Date.now() - CALL_STATS_WINDOW_MS;
    const [[stats], rounds, queued] = await Promise.all([
      store.calls.stats({ server, sinceMs }),
      store.health.list(server, results),
      queueLength(this.context, server),
    ]);
    return { ...summaryOf(status, stats ?? noCalls(server, sinceMs)), queued, results: rounds };
  }

  /**
   * Runs one round of checks now, as an activity that the Temporal UI shows; it changes nothing.
   *
   * @throws MainspringError UNKNOWN_SERVER, SERVER_NOT_RUNNING
   */
  async now(server: string): Promise<HealthResult> {
    const { state, reason } = await this.servers.get(server);
    if (WITHOUT_PROCESS.has(state)) throw notRunning(server, `is ${state} (${reason})`);
    try {
      return await this.context.client.activity.typed<SessionActivities>().execute('checkHealth', {
        id: healthActivityId(server, randomUUID()),
        taskQueue: controlQueue(server),
        args: [{ server }],
        summary: `check the health of ${server}`,
        typedSearchAttributes: serverAttribute(server),
        scheduleToStartTimeout: CONTROL_TIMEOUT_MS,
        startToCloseTimeout: HEALTH_NOW_TIMEOUT_MS,
        retry: { maximumAttempts: 1 },
      });
    } catch (error) {
      throw whyNot(error, server);
    }
  }
}

function summaryOf(status: ServerStatus, calls: CallStats): HealthSummary {
  const { state, enabled, health, healthReason, reason, type, sinceMs, uptimeMs } = status;
  const { rssBytes, cpuPercent, threads, inFlight, restarts, generation, host, tags } = status;
  return {
    server: status.name,
    type,
    state,
    health,
    shouldRun: shouldRun(state, enabled),
    reason: health === 'UNKNOWN' ? reason : healthReason,
    sinceMs,
    uptimeMs,
    latency: {
      lastMs: status.latencyMs,
      p50Ms: status.latencyP50Ms,
      p95Ms: status.latencyP95Ms,
    },
    rssBytes,
    cpuPercent,
    threads,
    inFlight,
    restarts,
    generation,
    host,
    tags,
    calls,
  };
}

function whyNot(error: unknown, server: string): unknown {
  if (!(error instanceof ActivityExecutionFailedError)) return translated(error, server);
  const { cause } = error;
  if (cause instanceof TimeoutFailure) {
    return notRunning(server, 'has no host that responds', error);
  }
  const isGone = cause instanceof ApplicationFailure && cause.type === 'SERVER_NOT_RUNNING';
  if (isGone) return notRunning(server, 'is not running', error);
  const isOurs = cause instanceof ApplicationFailure && isErrorCode(cause.type);
  const code = isOurs && isErrorCode(cause.type) ? cause.type : 'INTERNAL_ERROR';
  return new MainspringError(code, cause?.message ?? error.message, { cause: error });
}

function notRunning(server: string, why: string, cause?: unknown): MainspringError {
  const fix = `See why: mainspring status ${server}. Start it: mainspring start ${server}.`;
  const message = `"${server}" ${why}. There is nothing to check.`;
  return new MainspringError('SERVER_NOT_RUNNING', message, { fix, cause });
}
