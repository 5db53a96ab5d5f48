import { type CallRecord } from '../domain/calls/calls';
import { batched } from '../async/batched';
import { type CallIndex } from './store';

/** Time that records wait for others: in a batch each costs a tenth of what it costs alone. */
const BATCH_WINDOW_MS = 100;
/** Most records of one batch: SQLite blocks the event loop meanwhile, and with it every call of this process. */
const MAX_BATCH_RECORDS = 128;

export interface CallWriter {
  /** Resolves when the record is stored or lost. Never rejects: the index is only informational. */
  write(record: CallRecord): Promise<void>;
}

/**
 * Stores the records that arrive within a moment as one batch, in their order.
 *
 * @param report - handles the failure of a batch
 */
export function createCallWriter(
  calls: Pick<CallIndex, 'put'>,
  report: (storing: Promise<void>) => Promise<void>,
): CallWriter {
  const bounds = { windowMs: BATCH_WINDOW_MS, maxRecords: MAX_BATCH_RECORDS };
  const put = async (records: CallRecord[]) => calls.put(records); // what it throws is reported, too
  return { write: batched(bounds, (records) => report(put(records))) };
}
