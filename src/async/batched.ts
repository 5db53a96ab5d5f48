/** Adds one record to the next batch; resolves when it is stored. */
export type BatchedWrite<Item> = (record: Item) => Promise<void>;

interface Batch<Item> {
  readonly records: Item[];
  readonly stored: Promise<void>;
  /** Ends the wait for more records. */
  close(): void;
}

/** Stores the records that arrive within `windowMs` as one batch, in their order; sooner when there are `maxRecords`. */
export function batched<Item>(
  { windowMs, maxRecords }: { windowMs: number; maxRecords: number },
  store: (records: Item[]) => Promise<void>,
): BatchedWrite<Item> {
  let next: Batch<Item> | undefined;

  const begin = (): Batch<Item> => {
    const records: Item[] = [];
    let close = () => {};
    const closed = new Promise<void>((resolve) => {
      const timer = setTimeout(() => close(), windowMs);
      close = () => {
        clearTimeout(timer);
        next = undefined;
        resolve();
      };
    });
    return { records, stored: closed.then(() => store(records)), close };
  };

  return (record) => {
    const batch = (next ??= begin());
    batch.records.push(record);
    if (batch.records.length >= maxRecords) batch.close();
    return batch.stored;
  };
}
