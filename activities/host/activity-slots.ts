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
