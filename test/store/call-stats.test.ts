import { lastError } from '../../src/domain/calls/call-stats';
import { type CallRecord } from '../../src/domain/calls/calls';
import { ERROR_FIXES, type ErrorReport } from '../../src/base/errors';
import { openStore } from '../../src/store/open-store';
import { type Store } from '../../src/store/store';
import { useTemporaryFolder } from '../temporary-folder';

const home = useTemporaryFolder();
let store: Store;

beforeEach(async () => {
  store = await openStore(home());
});

afterEach(() => store.close());

let calls = 0;
const ended = (more: Partial<CallRecord>): CallRecord => ({
  callId: `call/${++calls}`,
  server: 'alpha',
  tool: 'echo',
  principal: 'local:me',
  correlationId: 'c1',
  status: 'ok',
  submittedAtMs: 1_000,
  endedAtMs: 2_000,
  attempts: 1,
  ...more,
});

const unknown = (message: string): ErrorReport => ({
  code: 'OUTCOME_UNKNOWN',
  message,
  fix: ERROR_FIXES.OUTCOME_UNKNOWN,
});

it('counts the calls of a server by outcome, and their errors by class with the newest message', async () => {
  await store.calls.put([
    ended({ ranMs: 10 }),
    ended({ tool: 'copy', ranMs: 20, attempts: 3 }),
    ended({ status: 'tool_error', errorClass: 'tool', ranMs: 30 }),
    ended({ status: 'unknown', errorClass: 'crash', error: unknown('first'), endedAtMs: 3_000 }),
    ended({ status: 'unknown', errorClass: 'crash', error: unknown('second'), endedAtMs: 4_000 }),
    ended({ status: 'failed', errorClass: 'crash', error: unknown('third'), endedAtMs: 3_500 }),
    ended({ endedAtMs: 999 }), // too long ago
    ended({ server: 'beta' }),
    ended({ status: 'running', endedAtMs: undefined }),
  ]);
  const [stats] = await store.calls.stats({ server: 'alpha', sinceMs: 1_000 });
  expect(stats).toEqual({
    server: 'alpha',
    sinceMs: 1_000,
    ...{ calls: 6, successful: 2, failed: 4, averageAttempts: 1.33, lastAtMs: 4_000 },
    cache: { hits: 0, misses: 0, hitPercent: null },
    tools: [
      {
        ...{ tool: 'copy', calls: 1, successful: 1, failed: 0, averageAttempts: 3 },
        ...{ lastAtMs: 2_000, cache: { hits: 0, misses: 0, hitPercent: null } },
      },
      {
        ...{ tool: 'echo', calls: 5, successful: 1, failed: 4, averageAttempts: 1 },
        ...{ lastAtMs: 4_000, cache: { hits: 0, misses: 0, hitPercent: null } },
      },
    ],
    outcomes: { ok: 2, tool_error: 1, failed: 1, cancelled: 0, unknown: 2 },
    paths: { durable: 6, direct: 0, cached: 0 },
    errors: {
      tool: { count: 1, lastMessage: '', lastAtMs: 2_000 },
      crash: { count: 3, lastMessage: 'second', lastAtMs: 4_000 },
    },
    retries: 2,
    ranMsP50: 20,
    ranMsP95: 30,
    perSecond: { last10s: 0, last60s: 0 },
  });
  expect(stats && lastError(stats)).toMatchObject({ errorClass: 'crash', lastMessage: 'second' });
});

it('reports the paths of calls; cached calls have no time', async () => {
  await store.calls.put([
    ended({ ranMs: 40 }),
    ended({ path: 'direct', ranMs: 10 }),
    ended({ path: 'cached', ranMs: undefined }),
    ended({ path: 'cached', ranMs: undefined }),
  ]);
  const [stats] = await store.calls.stats({ server: 'alpha', sinceMs: 0 });
  expect(stats?.paths).toEqual({ durable: 1, direct: 1, cached: 2 });
  expect(stats).toMatchObject({ ranMsP50: 10, ranMsP95: 40 });
  const listed = await store.calls.list({ limit: 10 });
  expect(listed.map(({ path = 'durable' }) => path).sort()).toEqual([
    'cached',
    'cached',
    'direct',
    'durable',
  ]);
});

it('reports how many of the results that were looked up were in the cache', async () => {
  await store.calls.put([
    ended({ tool: 'read', path: 'cached', attempts: 0 }),
    ended({ tool: 'read', path: 'cached', attempts: 0 }),
    ended({ tool: 'read', path: 'direct', cacheMiss: true }),
    ended({ tool: 'list', cacheMiss: true, attempts: 2, retriedMs: 40 }),
    ended({ tool: 'write' }),
  ]);
  const [stats] = await store.calls.stats({ server: 'alpha', sinceMs: 0 });
  expect(stats).toMatchObject({
    cache: { hits: 2, misses: 2, hitPercent: 50 },
    averageAttempts: 1.33,
    retries: 1,
    tools: [
      { tool: 'list', cache: { hits: 0, misses: 1, hitPercent: 0 }, averageAttempts: 2 },
      { tool: 'read', cache: { hits: 2, misses: 1, hitPercent: 66.7 }, averageAttempts: 1 },
      { tool: 'write', cache: { hits: 0, misses: 0, hitPercent: null } },
    ],
  });
  const listed = await store.calls.list({ limit: 10 });
  expect(listed.find(({ tool }) => tool === 'list')).toMatchObject({
    ...{ cacheMiss: true, attempts: 2, retriedMs: 40 },
  });
});

it('counts no attempts of calls that were never sent, and no cancelled calls as failed', async () => {
  await store.calls.put([
    ended({ status: 'failed', attempts: 0 }),
    ended({ status: 'cancelled', attempts: 1 }),
  ]);
  const [stats] = await store.calls.stats({ server: 'alpha', sinceMs: 0 });
  expect(stats).toMatchObject({
    ...{ calls: 2, successful: 0, failed: 1, retries: 0 },
    averageAttempts: 1,
  });
});

it('reports how many calls ended per second', async () => {
  const now = Date.now();
  const at = (agoMs: number) => ended({ endedAtMs: now - agoMs });
  await store.calls.put([at(0), at(1_000), at(2_000), at(30_000), at(40_000), at(50_000)]);
  const [stats] = await store.calls.stats({ server: 'alpha', sinceMs: 0 });
  expect(stats?.perSecond).toEqual({ last10s: 0.3, last60s: 0.1 });
});

it('answers for each server that has calls, and for a named one also without', async () => {
  await store.calls.put([ended({}), ended({ server: 'beta' }), ended({ server: 'gamma' })]);
  const all = await store.calls.stats({ sinceMs: 0 });
  expect(all.map(({ server }) => server)).toEqual(['alpha', 'beta', 'gamma']);
  expect(await store.calls.stats({ server: 'delta', sinceMs: 0 })).toMatchObject([{ calls: 0 }]);
});

it('takes the percentiles of the newest thousand answers', async () => {
  const old = Array.from({ length: 500 }, () => ended({ ranMs: 9_000, endedAtMs: 1_000 }));
  const recent = Array.from({ length: 1_000 }, (_, n) => ended({ ranMs: n + 1 }));
  const unanswered = ended({ status: 'unknown', ranMs: 60_000, endedAtMs: 3_000 });
  await store.calls.put([...old, ...recent, unanswered]);
  const [stats] = await store.calls.stats({ server: 'alpha', sinceMs: 0 });
  expect([stats?.ranMsP50, stats?.ranMsP95]).toEqual([500, 950]);
});
