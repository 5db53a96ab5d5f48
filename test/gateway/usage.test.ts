import { limitsOf } from '../../src/domain/endpoint/gateway-policy';
import { Usage } from '../../src/gateway/usage';
import { OPEN_POLICY } from './open-policy';

const sha256 = '0'.repeat(64);
let policy = OPEN_POLICY;
const usageOf = (calls: number) => {
  policy = { ...OPEN_POLICY, limits: { ...OPEN_POLICY.limits, calls } };
  return new Usage((principal) => limitsOf(policy, principal));
};

it('counts each principal and each kind by itself, and a release once', () => {
  const usage = usageOf(2);
  const [first] = [usage.take('calls', 'key:a'), usage.take('calls', 'key:a')];
  expect(() => usage.take('calls', 'key:a')).toThrow(
    'key:a has 2 calls in flight; "gateway.limits.calls" allows 2.',
  );
  usage.take('requests', 'key:a', 2);
  usage.take('calls', 'key:b');
  expect(usage.total('calls')).toBe(3);
  first?.();
  first?.();
  expect(usage.total('calls')).toBe(2);
});

it('takes several together, or none', () => {
  const usage = usageOf(3);
  usage.take('requests', 'key:a');
  expect(() => usage.take('requests', 'key:a', 3)).toThrow('has 1 requests in progress');
  usage.take('requests', 'key:a', 2);
  expect(usage.total('requests')).toBe(3);
});

it('counts no longer than the work takes, however it ends', async () => {
  const usage = usageOf(1);
  const failing = usage.during('calls', 'key:a', async () => {
    throw new Error('no');
  });
  expect(usage.total('calls')).toBe(1);
  await expect(failing).rejects.toThrow('no');
  expect(await usage.during('calls', 'key:a', async () => 5)).toBe(5);
  expect(usage.total('calls')).toBe(0);
});

it('goes by the limits of now; of several keys of one name the smallest counts', () => {
  const usage = usageOf(1);
  usage.take('calls', 'key:a');
  const [more, less] = [{ calls: 9 }, { calls: 2 }];
  policy = { ...policy, keys: [more, less].map((limits) => ({ name: 'a', sha256, limits })) };
  usage.take('calls', 'key:a');
  expect(() => usage.take('calls', 'key:a')).toThrow('allows 2');
  expect(() => usage.take('calls', 'key:b', 2)).toThrow('allows 1');
});
