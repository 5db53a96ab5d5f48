import { randomBytes } from 'node:crypto';
import { packLock, unpackLock } from '../../src/programs/lock-parcel';
import { sha256 } from '../../src/base/sha256';

const LOCK = JSON.stringify({ packages: Array.from({ length: 3_000 }, (_, n) => ({ n })) });

test('a lock is compressed and restored unchanged', () => {
  const parcel = packLock(LOCK) ?? '';
  expect(parcel.length).toBeLessThan(LOCK.length);
  expect(unpackLock(sha256(LOCK), parcel)).toBe(LOCK);
});

test('a lock too large for Temporal is not sent', () => {
  expect(packLock(randomBytes(1024 * 1024).toString('hex'))).toBeUndefined();
});

test.each([
  ['another lock', packLock('{}') ?? ''],
  ['no parcel', 'nothing'],
  ['an empty parcel', ''],
])('%s is not accepted as the lock', (_what, parcel) => {
  expect(unpackLock(sha256(LOCK), parcel)).toBeUndefined();
});
