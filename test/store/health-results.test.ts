import { type HealthResult } from '../../src/domain/health/health';
import { RESULTS_PER_SERVER } from '../../src/store/health-results';
import { createHealthWriter } from '../../src/store/health-writer';
import { openStore } from '../../src/store/open-store';
import { type Store } from '../../src/store/store';
import { useTemporaryFolder } from '../temporary-folder';

const home = useTemporaryFolder();
let store: Store;

beforeEach(async () => {
  store = await openStore(home());
});

afterEach(() => store.close());

const result = (server: string, atMs: number): HealthResult => ({
  ...{ server, atMs, health: 'HEALTHY', reason: 'all checks passed', inFlight: 0 },
  ...{ host: 'here', generation: 1, latencyMs: 1.5, rssBytes: 1_000 },
  checks: [{ name: 'ping', kind: 'ping', status: 'passed', latencyMs: 1.5 }],
});

const times = (results: HealthResult[]) => results.map(({ atMs }) => atMs);

it('keeps every member of a result, newest first', async () => {
  await store.health.add([result('a', 1), result('b', 2), result('a', 3)]);
  expect(await store.health.list('a', 10)).toEqual([result('a', 3), result('a', 1)]);
  expect(times(await store.health.list('a', 1))).toEqual([3]);
});

it('keeps the newest results of each server', async () => {
  const many = Array.from({ length: 250 }, (_, index) => result('busy', index));
  await store.health.add([result('quiet', 1), ...many]);
  await store.health.add([result('quiet', 2), result('busy', 250)]);
  const kept = times(await store.health.list('busy', 1_000));
  expect(kept).toHaveLength(RESULTS_PER_SERVER);
  expect(kept.at(0)).toBe(250);
  expect(kept.at(-1)).toBe(251 - RESULTS_PER_SERVER);
  expect(times(await store.health.list('quiet', 1_000))).toEqual([2, 1]);
});

it('removes the results of a server', async () => {
  await store.health.add([result('a', 1), result('b', 1)]);
  await store.health.remove('a');
  expect(await store.health.list('a', 10)).toEqual([]);
  expect(await store.health.list('b', 10)).toHaveLength(1);
});

it('stores the results of many servers as one batch', async () => {
  const batches: number[] = [];
  const write = createHealthWriter({
    ...store.health,
    add: async (results) => void batches.push(results.length),
  });
  await Promise.all([write(result('a', 1)), write(result('b', 1)), write(result('c', 1))]);
  expect(batches).toEqual([3]);
});
