import { setTimeout as sleep } from 'node:timers/promises';

/** Adds one record to the next batch; resolves when it is stored. */
export type BatchedWrite<Item> = (record: Item) => Promise<void>;

/** Stores the records that arrive within `windowMs` as one batch, in their order. */
export function batched<Item>(
  windowMs: number,
  store: (records: Item[]) => Promise<void>,
): BatchedWrite<Item> {
  let waiting: Item[] = [];
  let batch: Promise<void> | undefined;

  const storeBatch = async () => {
    const records = waiting;
    waiting = [];
    batch = undefined;
    await store(records);
  };

  return (record) => {
    waiting.push(record);
    batch ??= sleep(windowMs).then(storeBatch);
    return batch;
  };
}
