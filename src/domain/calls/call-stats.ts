import { type CallPath, type Outcome } from './calls';
import { type ErrorClass } from './error-class';

/** Figures about how calls have ended. */
export interface CallFigures {
  calls: number;
  successful: number;
  /** Calls that ended neither successfully nor cancelled on request. */
  failed: number;
  /** Requests for each call that was sent to the server; null without any. */
  averageAttempts: number | null;
  /** Time at which the last one ended, in ms; null without any. */
  lastAtMs: number | null;
  cache: CacheFigures;
}

/** Figures of the calls whose result was looked up in the cache. */
interface CacheFigures {
  hits: number;
  misses: number;
  /** Null when nothing was looked up. */
  hitPercent: number | null;
}

export interface ToolStats extends CallFigures {
  tool: string;
}

/** Figures of the calls of one server that ended since `sinceMs`. */
export interface CallStats extends CallFigures {
  server: string;
  sinceMs: number;
  /** Sorted by name. */
  tools: ToolStats[];
  outcomes: Record<Outcome, number>;
  /** Number of calls by path. */
  paths: Record<CallPath, number>;
  /** Errors by class; a retried call counts by how it ended. */
  errors: Partial<Record<ErrorClass, ClassStats>>;
  /** Requests beyond the first of each call. */
  retries: number;
  /** Milliseconds from the first byte to the answer, of the newest answered calls; absent without any. */
  ranMsP50?: number;
  ranMsP95?: number;
  /** Calls that ended per second, whatever `sinceMs` is. */
  perSecond: { last10s: number; last60s: number };
}

export interface ClassStats {
  count: number;
  lastMessage: string;
  lastAtMs: number;
}

/** Default period that the figures cover. */
export const CALL_STATS_WINDOW_MS = 3_600_000;

export function noCalls(server: string, sinceMs: number): CallStats {
  return {
    server,
    sinceMs,
    tools: [],
    ...figuresOf([]),
    outcomes: { ok: 0, tool_error: 0, failed: 0, cancelled: 0, unknown: 0 },
    paths: { durable: 0, direct: 0, cached: 0 },
    errors: {},
    retries: 0,
    perSecond: { last10s: 0, last60s: 0 },
  };
}

/** Calls that ended in the same way. */
export interface CountedEnds {
  outcome: Outcome;
  path: CallPath;
  calls: number;
  /** Calls that were sent to the server, and the requests for them. */
  sent: number;
  attempts: number;
  cacheMisses: number;
  lastAtMs: number;
}

export function figuresOf(ends: readonly CountedEnds[]): CallFigures {
  const sum = (count: (end: CountedEnds) => number) =>
    ends.reduce((total, end) => total + count(end), 0);
  const calls = sum((end) => end.calls);
  const successful = sum((end) => (end.outcome === 'ok' ? end.calls : 0));
  const cancelled = sum((end) => (end.outcome === 'cancelled' ? end.calls : 0));
  const sent = sum((end) => end.sent);
  const hits = sum((end) => (end.path === 'cached' ? end.calls : 0));
  const misses = sum((end) => end.cacheMisses);
  const lookups = hits + misses;
  return {
    calls,
    successful,
    failed: calls - successful - cancelled,
    averageAttempts: sent === 0 ? null : rounded(sum((end) => end.attempts) / sent, 2),
    lastAtMs: calls === 0 ? null : Math.max(...ends.map(({ lastAtMs }) => lastAtMs)),
    cache: {
      hits,
      misses,
      hitPercent: lookups === 0 ? null : rounded((hits / lookups) * 100, 1),
    },
  };
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** Part of the calls that failed, 0 to 1. */
export function errorRate({ calls, failed }: CallFigures): number {
  return calls === 0 ? 0 : failed / calls;
}

/** Returns the newest error, whatever its class. */
export function lastError({ errors }: CallStats): (ClassStats & { errorClass: ErrorClass }) | null {
  const all = Object.entries(errors) as [ErrorClass, ClassStats][];
  const newest = all.sort(([, a], [, b]) => b.lastAtMs - a.lastAtMs)[0];
  return newest ? { errorClass: newest[0], ...newest[1] } : null;
}
