import { groupUsage, type GroupUsage } from '../../src/process/group-usage';

export type Usage = GroupUsage & {
  /** Percent of one core, since the previous round of health checks. */
  cpuPercent?: number;
};

/** Measures the process group of one child. */
export class UsageMeter {
  /** Undefined without a process, and where there is no /proc. */
  latest: Usage | undefined;
  #before: { cpuSeconds: number; atMs: number } | undefined;

  constructor(private readonly pgid: number | undefined) {}

  measure(): Usage | undefined {
    const usage = this.pgid === undefined ? undefined : groupUsage(this.pgid);
    const cpuPercent = this.latest?.cpuPercent;
    this.latest = usage && { ...usage, ...(cpuPercent !== undefined && { cpuPercent }) };
    return this.latest;
  }

  /** Begins a new interval for `cpuPercent`. */
  measureRound(): Usage | undefined {
    const usage = this.measure();
    if (!usage) return undefined;
    const atMs = performance.now();
    const before = this.#before;
    this.#before = { cpuSeconds: usage.cpuSeconds, atMs };
    if (!before) return usage;
    // A process that has ended takes its CPU time with it.
    const usedMs = Math.max(0, usage.cpuSeconds - before.cpuSeconds) * 1_000;
    usage.cpuPercent = Math.round((usedMs / Math.max(1, atMs - before.atMs)) * 1_000) / 10;
    return usage;
  }
}
