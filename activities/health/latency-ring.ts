import { summarise } from '../../src/validation/summarise';

/** Rounds that percentiles are made of. */
const ROUNDS = 100;

/** How long the last answers took. */
export class LatencyRing {
  #latencies: number[] = [];
  /** Made when an answer comes, not each time that somebody looks. */
  percentiles: { latencyP50Ms?: number; latencyP95Ms?: number } = {};

  add(latencyMs: number): void {
    this.#latencies = [...this.#latencies, latencyMs].slice(-ROUNDS);
    const { p50Ms, p95Ms } = summarise(this.#latencies.map((ms) => ({ ms, succeeded: true })));
    this.percentiles = { latencyP50Ms: p50Ms, latencyP95Ms: p95Ms };
  }
}
