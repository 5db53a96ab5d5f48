import { randomUUID } from 'node:crypto';

/** Link from the answer of a command to its events, and its duration. */
export interface Trace {
  correlationId: string;
  tookMs: number;
}

export interface RunningTrace {
  readonly correlationId: string;
  end(): Trace;
}

export function startTrace(): RunningTrace {
  const correlationId = randomUUID();
  const startedAt = performance.now();
  return {
    correlationId,
    end: () => ({ correlationId, tookMs: Math.round(performance.now() - startedAt) }),
  };
}
