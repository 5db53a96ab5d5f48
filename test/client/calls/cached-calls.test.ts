import { cacheKey, CachedCalls, type CacheUse } from '../../../src/client/calls/cached-calls';
import { type CallOutcome } from '../../../src/domain/calls/calls';
import { type JsonObject } from '../../../src/base/json';

const use = (more: Partial<CacheUse> = {}): CacheUse => ({
  ...{ server: 'a', tool: 't', args: { x: 1, y: [2] }, principal: 'anna' },
  policy: { tools: ['t'], ttlMs: 60_000, perCaller: true },
  version: { toolsHash: 'h', signature: 's' },
  signal: undefined,
  ...more,
});
const shared = { tools: ['t'], ttlMs: 60_000, perCaller: false };

const ended = (more: Partial<CallOutcome> = {}): CallOutcome => ({
  ...{ callId: 'c', correlationId: 'c', server: 'a', tool: 't', outcome: 'ok' },
  ...{ result: { content: [] }, queuedMs: 0, ranMs: 1 },
  ...more,
});

/** Counts the calls that are made; each ends as told when `end` is called. */
function server(outcome: CallOutcome) {
  let calls = 0;
  const ends: (() => void)[] = [];
  return {
    call: () => {
      calls++;
      return new Promise<CallOutcome>((resolve) => ends.push(() => resolve(outcome)));
    },
    end: () => ends.splice(0).forEach((end) => end()),
    get calls() {
      return calls;
    },
  };
}

async function afterOne(outcome: CallOutcome, first: CacheUse, second: CacheUse) {
  const cached = new CachedCalls();
  await cached.run(first, async () => outcome);
  return 'hit' in (await cached.run(second, async () => outcome));
}

it('says of a result that it was known, and keeps the rest of it', async () => {
  const cached = new CachedCalls();
  const result: JsonObject = { content: [], _meta: { own: 1 } };
  expect(await cached.run(use(), async () => ended({ result }))).toEqual({
    outcome: ended({ result }),
  });
  expect(await cached.run(use({ args: { y: [2], x: 1 } }), async () => ended())).toEqual({
    hit: {
      content: [],
      _meta: { own: 1, 'mainspring/cache': { hit: true, ageMs: expect.any(Number) as number } },
    },
  });
});

it.each([
  ['the same', {}, {}, true],
  ['other arguments', {}, { args: {} }, false],
  ['another tool', {}, { tool: 'u' }, false],
  ['another server', {}, { server: 'b' }, false],
  ['another caller', {}, { principal: 'bert' }, false],
  ['another caller, for all', { policy: shared }, { policy: shared, principal: 'bert' }, true],
  ['a server of unknown tools', { version: { toolsHash: undefined, signature: 's' } }, {}, false],
])('%s', async (_what, first, second, isHit) => {
  expect(await afterOne(ended(), use(first), use(second))).toBe(isHit);
});

it.each([
  ['an error of the tool', ended({ outcome: 'tool_error' }), use(), false],
  ['a call that did not run', ended({ outcome: 'failed', result: undefined }), use(), false],
  [
    'a private result, for all',
    ended({ result: { cacheScope: 'private' } }),
    use({ policy: shared }),
    false,
  ],
  ['a private result, per caller', ended({ result: { cacheScope: 'private' } }), use(), true],
  ['a result that is old at once', ended({ result: { ttlMs: 0 } }), use(), false],
])('keeps only what may be kept: %s', async (_what, outcome, wanted, isHit) => {
  expect(await afterOne(outcome, wanted, wanted)).toBe(isHit);
});

it('makes one call of equal ones that come together', async () => {
  const cached = new CachedCalls();
  const one = server(ended());
  const all = [1, 2, 3].map(() => cached.run(use(), one.call));
  one.end();
  const ends = await Promise.all(all);
  expect(ends.map((end) => 'hit' in end)).toEqual([false, true, true]);
  expect(one.calls).toBe(1);
});

it('does not hand on the failure of one to the others', async () => {
  const cached = new CachedCalls();
  const bad = server(ended({ outcome: 'cancelled', result: undefined }));
  const first = cached.run(use(), bad.call);
  const second = cached.run(use(), async () => ended());
  bad.end();
  expect(await first).toMatchObject({ outcome: { outcome: 'cancelled' } });
  expect(await second).toMatchObject({ outcome: { outcome: 'ok' } });
});

it('lets one that is cancelled wait no more for the call of another', async () => {
  const cached = new CachedCalls();
  const slow = server(ended());
  const first = cached.run(use(), slow.call);
  const cancel = new AbortController();
  const second = cached.run(use({ signal: cancel.signal }), async () =>
    ended({ outcome: 'failed' }),
  );
  cancel.abort();
  expect(await second).toMatchObject({ outcome: { outcome: 'failed' } });
  slow.end();
  expect(await first).toMatchObject({ outcome: { outcome: 'ok' } });
});

it('has keys of one length, whatever the arguments', () => {
  expect(cacheKey(use({ args: { text: 'x'.repeat(100_000) } }))).toHaveLength(64);
});
