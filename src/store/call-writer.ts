import { type CallRecord } from '../domain/calls/calls';
import { batched } from '../async/batched';
import { type CallIndex } from './store';

/** Time that records wait for others: in a batch each costs a tenth of what it costs alone. */
const BATCH_WINDOW_MS = 100;

export interface CallWriter {
  /** Resolves when the record is stored. */
  write(record: CallRecord): Promise<void>;
}

/** Stores the records that arrive within a moment as one batch, in their order. */
export function createCallWriter(calls: CallIndex): CallWriter {
  return { write: batched(BATCH_WINDOW_MS, (records) => calls.put(records)) };
}
