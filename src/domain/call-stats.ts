import { type CallPath, type Outcome } from './calls';
import { type ErrorClass } from './error-class';

/** The calls of one server that ended since `sinceMs`, in figures. */
export interface CallStats {
  server: string;
  sinceMs: number;
  calls: number;
  outcomes: Record<Outcome, number>;
  /** By the way that they went. */
  paths: Record<CallPath, number>;
  /** By class; a call that was tried again counts by how it ended. */
  errors: Partial<Record<ErrorClass, ClassStats>>;
  /** Attempts beyond the first. */
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

/** Calls before this do not count, unless another time is asked for. */
export const CALL_STATS_WINDOW_MS = 3_600_000;

export function noCalls(server: string, sinceMs: number): CallStats {
  return {
    ...{ server, sinceMs, calls: 0 },
    outcomes: { ok: 0, tool_error: 0, failed: 0, cancelled: 0, unknown: 0 },
    paths: { durable: 0, direct: 0, cached: 0 },
    errors: {},
    retries: 0,
    perSecond: { last10s: 0, last60s: 0 },
  };
}

/** Part of the calls that ended otherwise than well, 0 to 1; a cancelled one was wanted so. */
export function errorRate({ calls, outcomes }: CallStats): number {
  if (calls === 0) return 0;
  return (outcomes.tool_error + outcomes.failed + outcomes.unknown) / calls;
}

/** The newest error, whatever its class. */
export function lastError({ errors }: CallStats): (ClassStats & { errorClass: ErrorClass }) | null {
  const all = Object.entries(errors) as [ErrorClass, ClassStats][];
  const newest = all.sort(([, a], [, b]) => b.lastAtMs - a.lastAtMs)[0];
  return newest ? { errorClass: newest[0], ...newest[1] } : null;
}
