import { type KeptResult, ResultCache } from '../../../src/client/calls/result-cache';

const version = { toolsHash: 'h1', signature: 's1' };
const kept = (text: string, more: Partial<KeptResult> = {}): KeptResult => ({
  ...{ server: 'a', text, version, keptAtMs: 0, ttlMs: 1_000 },
  ...more,
});
/** What one entry with this text takes. */
const size = (text: string) => {
  const cache = new ResultCache();
  cache.put('k', kept(text));
  return cache.bytes;
};

it('gives a result until its time is over', () => {
  const cache = new ResultCache();
  cache.put('k', kept('{}'));
  expect(cache.get('k', version, 999)).toEqual(kept('{}'));
  expect(cache.get('k', version, 1_000)).toBeUndefined();
  expect(cache.bytes).toBe(0);
});

it.each([
  ['other tools', { toolsHash: 'h2', signature: 's1' }, false],
  ['another spec', { toolsHash: 'h1', signature: 's2' }, false],
  ['a server that is away', { toolsHash: undefined, signature: 's1' }, true],
])('goes by the version of the server: %s', (_what, now, isGiven) => {
  const cache = new ResultCache();
  cache.put('k', kept('{}'));
  expect(cache.get('k', now, 0) !== undefined).toBe(isGiven);
  expect(cache.get('k', version, 0) !== undefined).toBe(isGiven);
});

it('makes room by what was used longest ago', () => {
  const cache = new ResultCache(3 * size('1'));
  for (const key of ['1', '2', '3']) cache.put(key, kept(key));
  cache.get('1', version, 0);
  cache.put('4', kept('4'));
  expect(['1', '2', '3', '4'].map((key) => cache.get(key, version, 0)?.text)).toEqual([
    '1',
    undefined,
    '3',
    '4',
  ]);
  expect(cache.bytes).toBe(3 * size('1'));
});

it('bounds one server without touching others', () => {
  const cache = new ResultCache();
  cache.put('b', kept('b', { server: 'b' }));
  for (const key of ['1', '2', '3']) cache.put(key, kept(key), 2 * size('1'));
  expect(['b', '1', '2', '3'].map((key) => cache.get(key, version, 0)?.text)).toEqual([
    'b',
    undefined,
    '2',
    '3',
  ]);
});

it('does not keep what is larger than all of its room', () => {
  const cache = new ResultCache(size('small'));
  cache.put('k', kept('small'));
  cache.put('k', kept('x'.repeat(10_000)));
  expect(cache.get('k', version, 0)).toBeUndefined();
  expect(cache.bytes).toBe(0);
});
