import {
  type ActivitySlotInfo,
  type CustomSlotSupplier,
  type WorkerOptions,
} from '@temporalio/worker';

type Tuner = NonNullable<WorkerOptions['tuner']>;
type Supplier = CustomSlotSupplier<ActivitySlotInfo>;

/** The workers run activities only; the SDK wants a number for the rest as well. */
const NONE = { type: 'fixed-size', numSlots: 1 } as const;

/** Gives out the slots of a worker that only runs activities; a slot that is reserved is a poll. */
export function activitySlots(
  supplier: Pick<Supplier, 'reserveSlot' | 'markSlotUsed' | 'releaseSlot'>,
): Tuner {
  return {
    activityTaskSlotSupplier: {
      type: 'custom',
      tryReserveSlot: () => null, // nothing is eager here
      ...supplier,
    },
    workflowTaskSlotSupplier: NONE,
    localActivityTaskSlotSupplier: NONE,
    nexusTaskSlotSupplier: NONE,
  };
}

/** Those who wait until something is released. */
export class Releases {
  readonly #waiting = new Set<() => void>();

  tell(): void {
    for (const settle of [...this.#waiting]) settle();
  }

  /** Resolves at the next release, or when `signal` fires. */
  async next(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const settle = () => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      this.#waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
    });
  }
}
