import { summarise } from '../../src/validation/summarise';

/** Rounds that percentiles are computed from. */
const ROUNDS = 100;

/** Latencies of the last answers. */
export class LatencyRing {
  #latencies: number[] = [];
  /** Computed when an answer arrives, not on each read. */
  percentiles: { latencyP50Ms?: number; latencyP95Ms?: number } = {};

  add(latencyMs: number): void {
    this.#latencies = [...this.#latencies, latencyMs].slice(-ROUNDS);
    const { p50Ms, p95Ms } = summarise(this.#latencies.map((ms) => ({ ms, succeeded: true })));
    this.percentiles = { latencyP50Ms: p50Ms, latencyP95Ms: p95Ms };
  }
}
