import {
  HealthMonitor,
  MEMORY_CHECK_INTERVAL_MS,
  type Monitored,
} from '../../../activities/health/health-monitor';
import { InFlight } from '../../../activities/server/in-flight';
import { type Serving } from '../../../activities/server/supervised-server';
import { Rounds } from '../../../src/async/rounds';
import { type HealthResult } from '../../../src/domain/health/health';
import { type Isolation, NO_ISOLATION } from '../../../src/domain/isolation/isolation';
import { type ServerSpec } from '../../../src/domain/spec';
import { restartPolicy, stdioSpec } from '../../domain/samples';
import { until } from '../../e2e/until';
import { FakeConnection } from '../fake-connection';

const SPEC = stdioSpec({
  health: { intervalMs: 5, checks: [{ kind: 'ping' }, { kind: 'tools' }] },
});
const monitors: HealthMonitor[] = [];

afterEach(() => {
  for (const monitor of monitors.splice(0)) monitor.close();
});

/** A monitor of a fake child, which is well until the test says otherwise. */
function monitored(over: { spec?: ServerSpec; isolation?: Partial<Isolation> } = {}) {
  const { spec = SPEC } = over;
  const connection = new FakeConnection(process.pid);
  const serving: Serving = {
    ...connection.launched(),
    ...{ spec, calls: new InFlight(), sinceMs: Date.now() },
  };
  const told = {
    health: [] as string[],
    seen: [] as boolean[],
    kept: [] as HealthResult[],
    abandoned: [] as string[],
  };
  const isolation = { ...NO_ISOLATION, ...over.isolation };
  const on: Monitored = {
    name: 'fake',
    server: {
      serving,
      abandon: (_serving, { code }) => void told.abandoned.push(code),
    },
    owner: { generation: 1, host: 'here' },
    host: {
      ...{ home: '/', hostId: 'here' },
      guard: {
        ...{ pid: 0, watch: () => undefined, release: () => undefined },
        close: async () => undefined,
      },
      groups: { add: () => undefined, remove: () => undefined, close: () => undefined },
      healthLog: async (result) => void told.kept.push(result),
      memoryRounds: new Rounds(MEMORY_CHECK_INTERVAL_MS, 1),
    },
    isolation: {
      current: isolation,
      healthChecked: (passed) => void told.seen.push(passed),
    },
    onTools: () => undefined,
    onChange: (health) => void told.health.push(health),
  };
  const monitor = new HealthMonitor(on);
  monitors.push(monitor);
  const fail = () => {
    connection.ping = async () => {
      throw new Error('it is deaf');
    };
  };
  const heal = () => {
    connection.ping = async () => 1;
  };
  return { monitor, serving, connection, told, on, isolation, fail, heal };
}

const rounds = (told: { kept: HealthResult[] }, count: number) =>
  until(`${count} rounds`, () => told.kept.length >= count);

test('tells of changes only, and keeps every round', async () => {
  const { monitor, serving, told, fail, heal } = monitored();
  monitor.watch(serving);
  await rounds(told, 5);
  expect(told.health).toEqual([]);
  expect(monitor.report()).toMatchObject({ health: 'HEALTHY', healthReason: 'all checks passed' });
  fail();
  await until('a restart', () => told.abandoned.length > 0);
  expect(told.health).toEqual(['DEGRADED', 'UNHEALTHY']);
  expect(told.abandoned[0]).toBe('HEALTH_CHECK_FAILED');
  heal();
  await until('recovery', () => told.health.at(-1) === 'HEALTHY');
  expect(told.health).toEqual(['DEGRADED', 'UNHEALTHY', 'DEGRADED', 'HEALTHY']);
  expect(told.seen).toHaveLength(told.kept.length);
  expect(told.kept.filter(({ health }) => health === 'UNHEALTHY')[0]).toMatchObject({
    ...{ server: 'fake', host: 'here', generation: 1, reason: 'ping: it is deaf' },
  });
});

test('asks nothing any more when the child is gone', async () => {
  const { monitor, serving, connection, told } = monitored();
  monitor.watch(serving);
  await rounds(told, 2);
  connection.crash();
  await connection.closed;
  const { length } = told.kept;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(told.kept).toHaveLength(length);
});

test.each<[string, { spec?: ServerSpec; isolation?: Partial<Isolation> }]>([
  ['in maintenance', { isolation: { maintenance: { reason: 'x', sinceMs: 0, calls: 'wait' } } }],
  ['what is never restarted', { spec: { ...SPEC, restart: restartPolicy({ policy: 'never' }) } }],
])('restarts nothing %s', async (_name, over) => {
  const { monitor, serving, told, fail } = monitored(over);
  fail();
  monitor.watch(serving);
  await rounds(told, 10);
  expect(told.health).toEqual(['DEGRADED', 'UNHEALTHY']);
  expect(told.abandoned).toEqual([]);
});

test('restarts once in a quarantine, and again in the next', async () => {
  const quarantine = { cause: 'errors' as const, reason: 'x', sinceMs: 1 };
  const { monitor, serving, told, isolation, fail } = monitored({ isolation: { quarantine } });
  fail();
  monitor.watch(serving);
  await rounds(told, 10);
  expect(told.abandoned).toHaveLength(1);
  isolation.quarantine = { ...quarantine, sinceMs: 2 };
  await rounds(told, 20);
  expect(told.abandoned).toHaveLength(2);
});

test('does not count silence under a call', async () => {
  const { monitor, serving, told, fail } = monitored();
  fail();
  serving.calls.count = 1;
  monitor.watch(serving);
  await rounds(told, 10);
  expect(told).toMatchObject({ health: ['DEGRADED'], seen: [], abandoned: [] });
});

test('tells again how it is when it is watched again, and forgets it for another child', async () => {
  const { monitor, serving, told, on, fail, heal } = monitored();
  fail();
  monitor.watch(serving);
  await until('UNHEALTHY', () => told.health.at(-1) === 'UNHEALTHY');
  monitor.watch(serving);
  expect(told.health.slice(-2)).toEqual(['UNHEALTHY', 'UNHEALTHY']);
  heal();
  const other = { ...serving };
  on.server = { ...on.server, serving: other };
  monitor.watch(other);
  expect(monitor.report().health).toBe('HEALTHY');
});

describe('a round on demand', () => {
  const spec = { ...SPEC, health: { intervalMs: 3_600_000, checks: [{ kind: 'ping' as const }] } };

  test('tells what the server would count as, and changes nothing', async () => {
    const { monitor, serving, told, fail } = monitored({ spec });
    monitor.watch(serving);
    await rounds(told, 1);
    fail();
    for (let time = 0; time < 3; time++) {
      expect(await monitor.checkNow()).toMatchObject({ health: 'DEGRADED', onDemand: true });
    }
    expect(told.kept.map(({ onDemand = false }) => onDemand)).toEqual([false, true, true, true]);
    expect(monitor.report().health).toBe('HEALTHY');
    expect(told).toMatchObject({ health: [], seen: [true], abandoned: [] });
  });

  test('is refused when there is nobody to ask', async () => {
    const { monitor, on } = monitored();
    on.server = { ...on.server, serving: undefined };
    await expect(monitor.checkNow()).rejects.toMatchObject({ code: 'SERVER_NOT_RUNNING' });
  });
});
