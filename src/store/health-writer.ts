import { type HealthResult } from '../domain/health/health';
import { batched, type BatchedWrite } from '../async/batched';
import { type HealthResultStore } from './store';

/** Time that results wait for those of other servers: 100 servers cost no more than one write per window. */
const BATCH_WINDOW_MS = 1_000;

export type HealthWriter = BatchedWrite<HealthResult>;

export function createHealthWriter(health: HealthResultStore): HealthWriter {
  return batched(BATCH_WINDOW_MS, (results) => health.add(results));
}
