import { noCalls } from '../../../src/domain/calls/call-stats';
import { type ServerEvent } from '../../../src/domain/events';
import {
  withEvent,
  healthReport,
  withMissedSample,
  newWatch,
  withSample,
  type Watch,
} from '../../../src/domain/health/health-report';
import { type HealthSummary, isFine, shouldRun } from '../../../src/domain/health/health-view';
import { type Health, type ServerState } from '../../../src/domain/states';

const summary = (over: Partial<HealthSummary> = {}): HealthSummary => ({
  ...{ server: 'a', type: 'stdio', state: 'RUNNING', shouldRun: true, health: 'HEALTHY' },
  ...{ reason: 'ready', sinceMs: 0, uptimeMs: 0, rssBytes: 10, cpuPercent: 1, threads: 1 },
  ...{ inFlight: 0, restarts: 0, generation: 1, host: 'h', tags: [], calls: noCalls('a', 0) },
  latency: { lastMs: 2, p50Ms: 2, p95Ms: 2 },
  ...over,
});
const moved = (atMs: number, from: ServerState, to: ServerState): ServerEvent => ({
  ...{ id: String(atMs), server: 'a', atMs, kind: 'transition', from, to },
  ...{ reason: 'because', actor: 'mainspring' },
});
const report = (watch: Watch, nowMs: number) =>
  healthReport(watch, { nowMs, intervalMs: 1_000, finished: true });

test.each<[state: ServerState, enabled: boolean, health: Health, should: boolean, fine: boolean]>([
  ['RUNNING', true, 'HEALTHY', true, true],
  ['RUNNING', true, 'DEGRADED', true, true],
  ['RUNNING', true, 'UNHEALTHY', true, false],
  ['STARTING', true, 'UNKNOWN', true, false],
  ['ERROR', true, 'UNKNOWN', true, false],
  ['QUARANTINED', true, 'UNKNOWN', true, false],
  ['STOPPED', true, 'UNKNOWN', false, true],
  ['MAINTENANCE', true, 'UNHEALTHY', false, true],
  ['STOPPED', false, 'UNKNOWN', false, true],
])('%s, enabled %s, %s: should run %s, fine %s', (state, enabled, health, should, fine) => {
  expect(shouldRun(state, enabled)).toBe(should);
  expect(isFine(summary({ state, health, shouldRun: should }))).toBe(fine);
});

it('counts the time between two samples exactly, by the events', () => {
  let watch = withSample(newWatch(1_000), [summary()], 1_000);
  watch = withEvent(watch, moved(1_400, 'RUNNING', 'BACKOFF'));
  watch = withEvent(watch, moved(1_500, 'BACKOFF', 'RUNNING'));
  watch = withSample(
    watch,
    [summary({ restarts: 1, latency: { lastMs: 8, p50Ms: 2, p95Ms: 8 } })],
    2_000,
  );
  const { totals, servers } = report(watch, 2_000);
  expect(totals).toMatchObject({
    ...{ servers: 1, failing: ['a'], availabilityPercent: 90, restarts: 1, changes: 2 },
  });
  expect(servers[0]).toMatchObject({
    timeInStateMs: { RUNNING: 900, BACKOFF: 100 },
    latency: { samples: 2, p50Ms: 2, p95Ms: 8 },
    changes: [
      { at: '1970-01-01T00:00:01.400Z', from: 'RUNNING', to: 'BACKOFF' },
      { at: '1970-01-01T00:00:01.500Z', from: 'BACKOFF', to: 'RUNNING' },
    ],
  });
});

it('keeps an event that came late, without counting its time again', () => {
  let watch = withSample(newWatch(0), [summary()], 0);
  watch = withSample(watch, [summary({ state: 'BACKOFF', health: 'UNKNOWN' })], 1_000);
  watch = withEvent(watch, moved(900, 'RUNNING', 'BACKOFF'));
  expect(report(watch, 2_000).servers[0]).toMatchObject({
    state: 'BACKOFF',
    timeInStateMs: { RUNNING: 1_000, BACKOFF: 1_000 },
    changeCount: 1,
  });
});

it('does not count requested stops against a server', () => {
  let watch = withSample(newWatch(0), [summary()], 0);
  watch = withEvent(watch, moved(500, 'RUNNING', 'STOPPED'));
  const { totals, servers } = report(watch, 1_000);
  expect(totals).toMatchObject({ failing: [], availabilityPercent: 100 });
  expect(servers[0]?.timeInStateMs).toEqual({ RUNNING: 500, STOPPED: 500 });
});

it.each<[what: string, now: Partial<HealthSummary>, restarts: number]>([
  ['in its generation', { restarts: 3 }, 3],
  ['with a new generation', { generation: 2, restarts: 1 }, 2],
  ['not at all', {}, 0],
])('counts restarts %s', (_what, now, restarts) => {
  const watch = withSample(withSample(newWatch(0), [summary()], 0), [summary(now)], 10);
  expect(report(watch, 10).totals.restarts).toBe(restarts);
});

it('keeps a removed server, counts samples without an answer, and adds errors up by class', () => {
  const crash = { count: 2, lastMessage: 'gone', lastAtMs: 1 };
  const calls = { ...noCalls('a', 0), calls: 3, errors: { crash } };
  let watch = withSample(newWatch(0), [summary({ calls }), summary({ server: 'b', calls })], 0);
  watch = withMissedSample(withSample(watch, [summary({ calls })], 10));
  expect(report(watch, 20)).toMatchObject({
    ...{ samples: 2, missedSamples: 1, finished: true, durationMs: 20 },
    totals: { servers: 2, calls: 6, errors: { crash: 4 } },
  });
});

it('has no availability for servers that should not have run', () => {
  const asleep = summary({ state: 'STOPPED', shouldRun: false, health: 'UNKNOWN' });
  expect(report(withSample(newWatch(0), [asleep], 0), 10)).toMatchObject({
    totals: { availabilityPercent: null, failing: [] },
  });
});
