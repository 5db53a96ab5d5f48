import { performance } from 'node:perf_hooks';
import { percentile } from '../figures';
import { processesOf, residentMb } from '../processes';

/** Target of calls to one tool, each caller over a connection of its own. */
export interface Target {
  /** Resolves with a caller, whose call can be repeated; `close` ends the connection. */
  open(): Promise<Caller>;
}

export interface Caller {
  /** Makes one call; rejects unless the tool has answered. */
  call(): Promise<void>;
  close(): Promise<void>;
}

export interface Load {
  target: Target;
  /** Text in the environment or command line of each process that answers, and of no other. */
  mark: string;
}

export interface Sample {
  callers: number;
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  failures: number;
  /** Resident memory of what answered, at the end of the load. */
  residentMb: number;
}

const WARM_UP_CALLS = 20;

/** Runs this many callers for this long, each with its next call as soon as the last was answered. */
export async function measure(
  { target, mark }: Load,
  callers: number,
  forMs: number,
): Promise<Sample> {
  const opened = await Promise.all(Array.from({ length: callers }, () => target.open()));
  const samples: number[] = [];
  let failures = 0;
  const callFor = async (caller: Caller, until: () => boolean, into: number[]) => {
    while (!until()) {
      const startedAt = performance.now();
      try {
        await caller.call();
        into.push(performance.now() - startedAt);
      } catch (error) {
        failures += 1;
        if (failures > WARM_UP_CALLS) throw error;
      }
    }
  };
  const all = (until: () => boolean, into: number[]) =>
    Promise.all(opened.map((caller) => callFor(caller, until, into)));
  try {
    const warm: number[] = [];
    await all(() => warm.length >= Math.max(WARM_UP_CALLS, callers), warm);
    const startedAt = performance.now();
    await all(() => performance.now() - startedAt >= forMs, samples);
    const seconds = (performance.now() - startedAt) / 1_000;
    return {
      callers,
      perSecond: samples.length / seconds,
      p50Ms: percentile(samples, 0.5),
      p95Ms: percentile(samples, 0.95),
      p99Ms: percentile(samples, 0.99),
      failures,
      residentMb: residentMb(processesOf(mark)),
    };
  } finally {
    await Promise.all(opened.map((caller) => caller.close().catch(() => undefined))); // the figures are there already
  }
}
