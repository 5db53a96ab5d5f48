import { type HealthResult } from '../domain/health/health';
import { batched, type BatchedWrite } from '../async/batched';
import { type HealthResultStore } from './store';

/** Time that results wait for those of other servers: 100 servers cost no more than one write per window. */
const BATCH_WINDOW_MS = 1_000;
/** Most results of one batch: SQLite blocks the event loop meanwhile. */
const MAX_BATCH_RESULTS = 100;

export type HealthWriter = BatchedWrite<HealthResult>;

export function createHealthWriter(health: HealthResultStore): HealthWriter {
  const bounds = { windowMs: BATCH_WINDOW_MS, maxRecords: MAX_BATCH_RESULTS };
  return batched(bounds, (results) => health.add(results));
}
