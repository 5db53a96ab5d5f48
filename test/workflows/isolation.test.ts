import { WorkflowUpdateFailedError } from '@temporalio/client';
import { type ApplyIsolationInput } from '../../src/domain/activity-types';
import { CLOSED, DEFAULT_QUARANTINE, type Isolation } from '../../src/domain/isolation/isolation';
import { type ReplaceChildInput, type SessionReady } from '../../src/domain/entity/session';
import { wakeSignal } from '../../workflows/messages';
import { readyOf } from '../domain/samples';
import { type FakeSession } from './fake-host';
import { eventually, TestInstance, type TestServer } from './instance';

let instance: TestInstance;

beforeAll(async () => {
  instance = await TestInstance.start();
}, 20 * 60_000);
afterEach(() => instance.clear());
afterAll(() => instance.close());

const OPEN = { ...CLOSED, state: 'open' as const, failures: 5, openUntilMs: 60_000, reason: 'bad' };

/** A running server whose owner takes over what it is told. */
async function isolated(...[name, over]: Parameters<TestInstance['add']>) {
  const server = await instance.add(name, over);
  const told: Isolation[] = [];
  await instance.own(name, {
    applyIsolation: async ({ isolation }: ApplyIsolationInput) => void told.push(isolation),
  });
  await server.command('start');
  const [session] = instance.host.of(name);
  if (!session) throw new Error('it has no session');
  return { server, session, told };
}

const eventsOf = (server: TestServer) =>
  instance.control
    .eventsOf(server.name)
    .map(({ kind, to, reason }) => `${kind} ${to ?? ''} ${reason}`);

describe('a quarantine', () => {
  test('that an operator orders covers the server until it is released', async () => {
    const { server, told } = await isolated('ordered');
    expect(await server.order({ order: 'quarantine', reason: 'odd answers' })).toMatchObject({
      state: 'QUARANTINED',
      reason: 'odd answers',
      possible: expect.arrayContaining(['release', 'maintenance on']) as string[],
      isolation: { quarantine: { cause: 'operator' } },
    });
    await eventually(
      () => told.length,
      (count) => count === 1,
    );
    expect(told[0]).toMatchObject({ quarantine: { reason: 'odd answers' } });
    expect(await server.order({ order: 'release' })).toMatchObject({ state: 'RUNNING' });
    await eventually(
      () => told.length,
      (count) => count === 2,
    );
    expect(told[1]?.quarantine).toBeUndefined();
  });

  test('of a given time ends by itself', async () => {
    const { server } = await isolated('for-a-while');
    await server.order({ order: 'quarantine', forMs: 300 });
    const { isolation } = await server.until(({ state }) => state === 'RUNNING');
    expect(isolation.quarantine).toBeUndefined();
  });

  test('follows errors in a row, takes longer after a failed probe, and ends by one that passes', async () => {
    const { server, session } = await isolated('errors');
    await session.found({ about: 'errors', reason: '5 errors in a row' });
    const first = await server.until(({ state }) => state === 'QUARANTINED');
    await session.found({ about: 'probe', passed: false, reason: 'still ill' });
    const second = await server.until(({ isolation }) => isolation.quarantines === 2);
    const lasts = ({ isolation: { quarantine } }: typeof first) =>
      (quarantine?.untilMs ?? 0) - (quarantine?.sinceMs ?? 0);
    expect([lasts(first), lasts(second)]).toEqual([
      DEFAULT_QUARANTINE.initialMs,
      2 * DEFAULT_QUARANTINE.initialMs,
    ]);
    await session.found({ about: 'probe', passed: true, reason: 'well again' });
    await server.until(({ state }) => state === 'RUNNING');
    await session.found({ about: 'success' });
    await server.until(({ isolation }) => isolation.quarantines === 0);
  });

  test('shows again what is beneath, and is forgotten by a stop', async () => {
    const { server, session } = await isolated('beneath');
    await server.order({ order: 'quarantine' });
    await session.backoff(50);
    await session.ready();
    expect(await server.snapshot()).toMatchObject({ state: 'QUARANTINED' });
    expect(await server.command('stop')).toMatchObject({ state: 'STOPPED' });
    expect(await server.command('start')).toMatchObject({ state: 'RUNNING', generation: 2 });
  });

  test('is refused for a server that does not run', async () => {
    const server = await instance.add('not-running');
    await expect(server.order({ order: 'quarantine' })).rejects.toThrow(WorkflowUpdateFailedError);
    await expect(server.order({ order: 'release' })).rejects.toThrow(WorkflowUpdateFailedError);
  });
});

describe('maintenance', () => {
  test('covers the server, and survives a restart in between', async () => {
    const { server } = await isolated('maintained');
    await server.order({ order: 'maintenance', on: true, reason: 'new disk' });
    expect(await server.command('stop')).toMatchObject({ state: 'STOPPED' });
    expect(await server.command('start')).toMatchObject({
      state: 'MAINTENANCE',
      isolation: { maintenance: { reason: 'new disk', calls: 'wait' } },
    });
    expect(instance.host.of(server.name).at(-1)?.input.isolation?.maintenance).toBeDefined();
    expect(await server.order({ order: 'maintenance', on: false })).toMatchObject({
      state: 'RUNNING',
    });
  });
});

describe('the circuit breaker', () => {
  test('is kept by the entity, and given to the next generation', async () => {
    const { server, session } = await isolated('breaker');
    await session.found({ about: 'breaker', breaker: OPEN });
    await server.until(({ isolation }) => isolation.breaker.state === 'open');
    await server.command('stop');
    await server.command('start');
    expect(instance.host.of(server.name).at(-1)?.input.isolation?.breaker).toEqual(OPEN);
    expect(eventsOf(server)).toContain('note  circuit breaker is open: bad');
  });

  test('obeys an operator, and the owner hears of it', async () => {
    const { server, told } = await isolated('breaker-order');
    await server.order({ order: 'breaker', to: 'open' });
    await eventually(
      () => told.at(-1)?.breaker.state,
      (state) => state === 'open',
    );
    await server.order({ order: 'breaker', to: 'reset' });
    await eventually(
      () => told.at(-1)?.breaker.state,
      (state) => state === 'closed',
    );
  });

  test('reaches the owner that comes after one that was lost', async () => {
    const server = await instance.add('deaf');
    await server.command('start');
    await server.order({ order: 'breaker', to: 'open' });
    const heard: Isolation[] = [];
    await instance.own('deaf', {
      applyIsolation: async ({ isolation }: ApplyIsolationInput) => void heard.push(isolation),
    });
    await eventually(
      () => heard.length,
      (count) => count > 0,
    );
    expect(heard[0]?.breaker.state).toBe('open');
  });
});

describe('tool definitions', () => {
  const changes = [{ tool: 'send', change: 'changed' as const }];

  test('that have changed are kept until they are approved', async () => {
    const { server, session, told } = await isolated('tools');
    await session.found({ about: 'tools', foundHash: 'other', changes });
    const { isolation, state } = await server.until(
      ({ isolation: { tools } }) => tools?.changes.length === 1,
    );
    expect({ state, tools: isolation.tools }).toEqual({
      state: 'RUNNING',
      tools: { hash: 'a hash', foundHash: 'other', changes },
    });
    await server.order({ order: 'approve', toolsHash: 'other' });
    await eventually(
      () => told.at(-1)?.tools,
      (tools) => tools?.hash === 'other',
    );
  });

  test('quarantine the whole server if the policy says so', async () => {
    const { server, session } = await isolated('tools-server', {
      toolChanges: 'quarantine-server',
    });
    await session.found({ about: 'tools', foundHash: 'other', changes });
    await server.until(({ state }) => state === 'QUARANTINED');
    expect(await server.order({ order: 'approve', toolsHash: 'other' })).toMatchObject({
      state: 'RUNNING',
    });
  });
});

describe('an on-demand server', () => {
  const onDemand = { activation: 'on-demand' as const };

  test('starts when a call comes, and sleeps when it is idle', async () => {
    const server = await instance.add('sleeper', onDemand);
    expect(await server.snapshot()).toMatchObject({ state: 'STOPPED', wakes: true });
    await server.current().signal(wakeSignal, { actor: 'anna' });
    await server.until(({ state }) => state === 'RUNNING');
    const [session] = instance.host.of(server.name);
    await session?.found({ about: 'idle' });
    expect(await server.until(({ state }) => state === 'STOPPED')).toMatchObject({
      wakes: true,
      reason: 'asleep until the next call',
    });
    expect(instance.control.endedCalls.filter(({ name }) => name === server.name)).toEqual([]);
    await server.current().signal(wakeSignal, { actor: 'anna' });
    await server.until(({ state, generation }) => state === 'RUNNING' && generation === 2);
  });

  test('that was stopped by hand stays stopped', async () => {
    const server = await instance.add('stopped-sleeper', onDemand);
    await server.command('start');
    await server.command('stop');
    await server.current().signal(wakeSignal, { actor: 'anna' });
    expect(await server.snapshot()).toMatchObject({ state: 'STOPPED', wakes: false });
  });
});

describe('replicas', () => {
  const three = { replicas: 3 };
  const numbersOf = (name: string) => instance.host.of(name).map(({ replica }) => replica);
  const of = (name: string, number: number): FakeSession[] =>
    instance.host.of(name).filter(({ replica }) => replica === number);

  test('start beside the first session and end with it', async () => {
    const server = await instance.add('three', three);
    await server.command('start');
    await server.until(({ readySessions }) => readySessions === 3);
    expect(numbersOf('three').sort()).toEqual([0, 1, 2]);
    expect(await server.command('stop')).toMatchObject({ state: 'STOPPED', readySessions: 0 });
  });

  test('keep the server running while the first one is down', async () => {
    const server = await instance.add('first-down', three);
    await server.command('start');
    await server.until(({ readySessions }) => readySessions === 3);
    await of('first-down', 0)[0]?.backoff(1_000);
    expect(await server.until(({ readySessions }) => readySessions === 2)).toMatchObject({
      state: 'RUNNING',
    });
  });

  test('are all restarted in their generation, also while the first one is down', async () => {
    const replaced: number[] = [];
    for (const number of [0, 1, 2]) {
      const replaceChild = async ({ reason }: ReplaceChildInput): Promise<SessionReady> => {
        replaced.push(number);
        return readyOf(1, { reason, ...(number > 0 && { replica: number }) });
      };
      await instance.own('down-restart', { replaceChild }, number);
    }
    const server = await instance.add('down-restart', three);
    await server.command('start');
    await server.until(({ readySessions }) => readySessions === 3);
    await of('down-restart', 0)[0]?.backoff(1_000);
    await server.until(({ readySessions }) => readySessions === 2);
    expect(await server.command('restart')).toMatchObject({ state: 'RUNNING', generation: 1 });
    expect(replaced).toEqual([0, 1, 2]);
  });

  test('are started again when they end by themselves', async () => {
    const server = await instance.add('again', three);
    await server.command('start');
    await server.until(({ readySessions }) => readySessions === 3);
    of('again', 2)[0]?.exit('crash-loop');
    await eventually(
      () => of('again', 2).length,
      (count) => count === 2,
    );
    expect(await server.until(({ readySessions }) => readySessions === 3)).toMatchObject({
      state: 'RUNNING',
      generation: 1,
    });
  });

  test('end before the next generation begins when the first one gives up', async () => {
    const server = await instance.add('gives-up', three);
    await server.command('start');
    await server.until(({ readySessions }) => readySessions === 3);
    of('gives-up', 0)[0]?.exit('crash-loop');
    const { generation } = await server.until(
      ({ readySessions, generation: now }) => now === 2 && readySessions === 3,
    );
    expect(generation).toBe(2);
  });
});
