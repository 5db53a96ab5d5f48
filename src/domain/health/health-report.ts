import { percentile } from '../../base/percentile';
import { type CallStats } from '../calls/call-stats';
import { type ErrorClass } from '../calls/error-class';
import { type ServerEvent } from '../events';
import { type HealthSummary, isFine, shouldRun } from './health-view';
import { type ServerType } from '../spec';
import { type Health, type ServerState } from '../states';

/** Maximum of changes that a report keeps per server; the newest are kept. */
const MAX_CHANGES = 1_000;

/** Content of `health_report.json`, as `monitor` writes it. The members and their names are a contract; times are ISO 8601. */
export interface HealthReport {
  version: 1;
  startedAt: string;
  endedAt: string;
  durationMs: number;
  /** Time between two samples. */
  intervalMs: number;
  /** False while `monitor` is running. */
  finished: boolean;
  /** Number of samples taken, and of samples without an answer. */
  samples: number;
  missedSamples: number;
  totals: {
    servers: number;
    /** Servers that were not available all the time, or are not well at the end. */
    failing: string[];
    /** Availability of all servers together; null when none should have run. */
    availabilityPercent: number | null;
    restarts: number;
    changes: number;
    calls: number;
    retries: number;
    /** Number of errors by class. */
    errors: Partial<Record<ErrorClass, number>>;
  };
  servers: ServerReport[];
}

interface ServerReport {
  server: string;
  type: ServerType;
  tags: string[];
  /** Last observed state. */
  state: ServerState;
  health: Health;
  reason: string;
  /** Part of the time that it should have run in which it was RUNNING and not UNHEALTHY; null when it should not have. */
  availabilityPercent: number | null;
  timeInStateMs: Partial<Record<ServerState, number>>;
  timeInHealthMs: Partial<Record<Health, number>>;
  /** Latency of the health checks, by sample. */
  latency: { samples: number; p50Ms: number | null; p95Ms: number | null };
  rssBytes: { last: number | null; max: number | null };
  restarts: number;
  /** Figures of the calls that ended meanwhile. */
  calls: CallStats;
  changeCount: number;
  changes: HealthChange[];
}

interface HealthChange {
  at: string;
  from?: ServerState | Health;
  to?: ServerState | Health;
  reason: string;
}

/** Observations of the servers since `startedAtMs`. */
export interface Watch {
  startedAtMs: number;
  samples: number;
  missedSamples: number;
  servers: ReadonlyMap<string, ObservedServer>;
}

interface ObservedServer {
  last: HealthSummary;
  atMs: number;
  availableMs: number;
  shouldRunMs: number;
  timeInStateMs: Partial<Record<ServerState, number>>;
  timeInHealthMs: Partial<Record<Health, number>>;
  latenciesMs: readonly number[];
  maxRssBytes: number | null;
  restarts: number;
  changeCount: number;
  changes: readonly HealthChange[];
}

export function newWatch(startedAtMs: number): Watch {
  return { startedAtMs, samples: 0, missedSamples: 0, servers: new Map() };
}

/** Adds a sample of all servers; a server that no longer exists keeps its observations. */
export function withSample(watch: Watch, list: readonly HealthSummary[], atMs: number): Watch {
  const servers = new Map(watch.servers);
  for (const summary of list) {
    servers.set(summary.server, observedAgain(servers.get(summary.server), summary, atMs));
  }
  return { ...watch, samples: watch.samples + 1, servers };
}

/** Adds a sample without an answer. Its time counts for the last observation. */
export function withMissedSample(watch: Watch): Watch {
  return { ...watch, missedSamples: watch.missedSamples + 1 };
}

/** Adds an event between two samples, which makes the times as exact as the events. */
export function withEvent(watch: Watch, event: ServerEvent): Watch {
  const seen = watch.servers.get(event.server);
  if (!seen || event.kind === 'note' || event.atMs < watch.startedAtMs) return watch;
  const { kind, atMs, reason } = event;
  const [from, to] =
    kind === 'health' ? [event.healthFrom, event.healthTo] : [event.from, event.to];
  const change = { at: isoOf(atMs), ...(from && { from }), ...(to && { to }), reason };
  const noted: ObservedServer = {
    ...seen,
    changeCount: seen.changeCount + 1,
    changes: [...seen.changes, change].slice(-MAX_CHANGES),
  };
  const state = event.to ?? seen.last.state;
  const health = event.healthTo ?? (event.to && event.to !== 'RUNNING' ? 'UNKNOWN' : undefined);
  const next: HealthSummary = {
    ...seen.last,
    state,
    health: health ?? seen.last.health,
    reason,
    // Only a server that stopped can be disabled.
    shouldRun: shouldRun(state, true),
  };
  // A late event is already part of a sample.
  const updated = atMs < seen.atMs ? noted : { ...elapsed(noted, atMs), last: next };
  return { ...watch, servers: new Map(watch.servers).set(event.server, updated) };
}

/** Returns the report of a watch at `nowMs`. */
export function healthReport(
  watch: Watch,
  { nowMs, intervalMs, finished }: { nowMs: number; intervalMs: number; finished: boolean },
): HealthReport {
  const seen = [...watch.servers.values()].map((one) => elapsed(one, nowMs));
  const servers = seen.map(reportOf).sort((a, b) => (a.server < b.server ? -1 : 1));
  const stats = servers.map(({ calls }) => calls);
  const failing = seen.filter(isFailing).map(({ last }) => last.server);
  return {
    version: 1,
    startedAt: isoOf(watch.startedAtMs),
    endedAt: isoOf(nowMs),
    durationMs: nowMs - watch.startedAtMs,
    intervalMs,
    finished,
    samples: watch.samples,
    missedSamples: watch.missedSamples,
    totals: {
      servers: servers.length,
      failing: failing.sort(),
      availabilityPercent: percent(sum(seen, 'availableMs'), sum(seen, 'shouldRunMs')),
      restarts: sum(servers, 'restarts'),
      changes: sum(servers, 'changeCount'),
      calls: sum(stats, 'calls'),
      retries: sum(stats, 'retries'),
      errors: errorsOf(servers),
    },
    servers,
  };
}

function observedAgain(
  before: ObservedServer | undefined,
  summary: HealthSummary,
  atMs: number,
): ObservedServer {
  const seen = before ? elapsed(before, atMs) : observedFirst(summary, atMs);
  const { lastMs } = summary.latency;
  return {
    ...seen,
    last: summary,
    latenciesMs: lastMs === null ? seen.latenciesMs : [...seen.latenciesMs, lastMs],
    maxRssBytes: larger(seen.maxRssBytes, summary.rssBytes),
    restarts: seen.restarts + (before ? restartsSince(before.last, summary) : 0),
  };
}

function observedFirst(last: HealthSummary, atMs: number): ObservedServer {
  return {
    last,
    atMs,
    availableMs: 0,
    shouldRunMs: 0,
    timeInStateMs: {},
    timeInHealthMs: {},
    latenciesMs: [],
    maxRssBytes: null,
    restarts: 0,
    changeCount: 0,
    changes: [],
  };
}

/** Counts the time since the last observation for the state of that observation. */
function elapsed(seen: ObservedServer, atMs: number): ObservedServer {
  const ms = Math.max(0, atMs - seen.atMs);
  const { state, health, shouldRun } = seen.last;
  const isAvailable = shouldRun && state === 'RUNNING' && health !== 'UNHEALTHY';
  return {
    ...seen,
    atMs: Math.max(atMs, seen.atMs),
    shouldRunMs: seen.shouldRunMs + (shouldRun ? ms : 0),
    availableMs: seen.availableMs + (isAvailable ? ms : 0),
    timeInStateMs: { ...seen.timeInStateMs, [state]: (seen.timeInStateMs[state] ?? 0) + ms },
    timeInHealthMs: { ...seen.timeInHealthMs, [health]: (seen.timeInHealthMs[health] ?? 0) + ms },
  };
}

/** Returns the restarts between two samples. `restarts` counts anew with each generation, which is a restart itself. */
function restartsSince(before: HealthSummary, now: HealthSummary): number {
  if (now.generation === before.generation) return Math.max(0, now.restarts - before.restarts);
  return now.generation - before.generation + now.restarts;
}

function reportOf(seen: ObservedServer): ServerReport {
  const { server, type, tags, state, health, reason, rssBytes, calls } = seen.last;
  const sorted = [...seen.latenciesMs].sort((a, b) => a - b);
  return {
    server,
    type,
    tags,
    state,
    health,
    reason,
    availabilityPercent: percent(seen.availableMs, seen.shouldRunMs),
    timeInStateMs: seen.timeInStateMs,
    timeInHealthMs: seen.timeInHealthMs,
    latency: {
      samples: sorted.length,
      p50Ms: percentile(sorted, 0.5) ?? null,
      p95Ms: percentile(sorted, 0.95) ?? null,
    },
    rssBytes: { last: rssBytes, max: seen.maxRssBytes },
    restarts: seen.restarts,
    calls,
    changeCount: seen.changeCount,
    changes: [...seen.changes],
  };
}

function isFailing({ availableMs, shouldRunMs: wantedMs, last }: ObservedServer): boolean {
  return availableMs < wantedMs || !isFine(last);
}

function errorsOf(servers: readonly ServerReport[]): HealthReport['totals']['errors'] {
  const errors: Record<string, number> = {};
  for (const { calls } of servers) {
    for (const [errorClass, { count }] of Object.entries(calls.errors)) {
      errors[errorClass] = (errors[errorClass] ?? 0) + count;
    }
  }
  return errors;
}

/** Returns a percentage rounded down to a thousandth: 100 only when nothing was missed. */
function percent(part: number, whole: number): number | null {
  if (whole === 0) return null;
  return Math.floor((part / whole) * 100_000) / 1_000;
}

function sum<Member extends string>(
  all: readonly Readonly<Record<Member, number>>[],
  member: Member,
): number {
  return all.reduce((total, one) => total + one[member], 0);
}

function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function isoOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
