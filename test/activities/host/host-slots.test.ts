import { hostSlots } from '../../../activities/host/host-slots';

const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** The supplier as the worker of one queue uses it. */
function supplierOf(capacity: number) {
  const tuner = hostSlots(capacity);
  const supplier = 'activityTaskSlotSupplier' in tuner ? tuner.activityTaskSlotSupplier : undefined;
  if (supplier?.type !== 'custom') throw new Error('expected a custom supplier');
  const context = {
    slotType: 'activity',
    taskQueue: 'any',
    workerIdentity: 'any',
    workerBuildId: '',
    isSticky: false,
  } as const;
  const slotInfo = { type: 'activity', activityType: 'runServer' } as const;
  return {
    reserve: (signal = never) => supplier.reserveSlot(context, signal),
    use: (permit: object) => supplier.markSlotUsed({ slotInfo, permit }),
    release: (permit: object) => supplier.releaseSlot({ slotInfo, permit }),
  };
}

test('open polls take no place: every queue has one while there is room', async () => {
  const { reserve, use, release } = supplierOf(1);
  const [one, two] = await Promise.all([reserve(), reserve()]);
  release(two); // its poll ran out
  const again = await reserve();
  use(one);
  let isOpen = false;
  const next = reserve().then(() => (isOpen = true));
  release(again);
  await settle();
  expect(isOpen).toBe(false);
  release(one);
  await next;
  expect(isOpen).toBe(true);
});

test('a worker that shuts down waits for no place', async () => {
  const { reserve, use } = supplierOf(1);
  use(await reserve());
  const end = new AbortController();
  const waiting = reserve(end.signal);
  end.abort();
  await expect(waiting).rejects.toThrow();
});
