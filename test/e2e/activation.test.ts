import path from 'node:path';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { type ServerStatus } from '../../src/domain/servers/status';
import { fixture, isRunning, killProcess, startInstance, type TestInstance } from './instance';
import { executions, repeated } from './ledger';
import { startLoad, tally } from './load';
import { until } from './until';

let instance: TestInstance;
let ledger: string;

beforeAll(async () => {
  instance = await startInstance();
  ledger = path.join(instance.folder, 'ledger');
}, 20 * 60_000);

const tiny = (over: Partial<ServerEntry> = {}): ServerEntry => ({
  command: process.execPath,
  args: [fixture('tiny-server.js')],
  env: { LEDGER: ledger },
  ...over,
});

async function untilSo(
  name: string,
  what: string,
  isSo: (status: ServerStatus) => boolean,
): Promise<ServerStatus> {
  return until(`${name} is ${what}`, async () => {
    const status = await instance.client.servers.get(name);
    return isSo(status) && status;
  });
}

describe('an on-demand server', () => {
  const onDemand = () => tiny({ activation: 'on-demand', idleTimeout: '1s' });

  test('starts at its first call, sleeps when idle, and lists its tools in its sleep', async () => {
    const { servers, tools } = instance.client;
    expect(await servers.add('sleeper', onDemand())).toMatchObject({
      state: 'STOPPED',
      reason: 'idle until its first call',
      generation: 0,
    });
    const first = await instance.client.callTool('sleeper', 'add', { a: 1, b: 2 });
    expect(first).toMatchObject({ outcome: 'ok' });
    const { pid } = await servers.get('sleeper');
    await untilSo('sleeper', 'asleep', ({ state }) => state === 'STOPPED');
    expect(pid === null || isRunning(pid)).toBe(false);
    expect((await tools.list('sleeper')).map(({ name }) => name)).toContain('add');
    expect(await servers.get('sleeper')).toMatchObject({ state: 'STOPPED' });
    const next = await instance.client.callTool('sleeper', 'add', { a: 2, b: 2 });
    expect(next).toMatchObject({ outcome: 'ok' });
  });

  test('loses no call however often it falls asleep', async () => {
    await instance.client.servers.add('restless', { ...onDemand(), idleTimeout: '10ms' });
    const outcomes = [];
    for (let call = 0; call < 20; call++) {
      outcomes.push(await instance.client.callTool('restless', 'add', { a: call, b: 1 }));
    }
    expect(outcomes.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  });

  test('is refused calls once somebody has stopped it', async () => {
    await instance.client.servers.add('stopped', onDemand());
    await instance.client.servers.stop('stopped');
    expect(await instance.client.callTool('stopped', 'add', { a: 1, b: 1 })).toMatchObject({
      outcome: 'failed',
      error: { code: 'SERVER_NOT_RUNNING' },
    });
  });

  test('that has never run is started to list its tools', async () => {
    await instance.client.servers.add('unlisted', onDemand());
    expect((await instance.client.tools.list('unlisted')).map(({ name }) => name)).toContain('add');
  });
});

describe('replicas', () => {
  test('share the calls; killing one or restarting all loses none', async () => {
    await instance.client.servers.add('three', tiny({ replicas: 3 }));
    await untilSo('three', 'complete', ({ replicas }) => replicas.ready === 3);
    const load = startLoad(instance.client, 'three', 20);
    const { pid } = await instance.client.servers.get('three');
    if (pid !== null) await killProcess(pid);
    await untilSo('three', 'complete again', ({ replicas }) => replicas.ready === 3);
    await instance.client.servers.restart('three');
    await untilSo('three', 'restarted', ({ replicas }) => replicas.ready === 3);
    const outcomes = await load.end();
    expect(repeated(executions(ledger))).toEqual([]);
    // Only what was with the killed child is not known.
    const others = outcomes.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'unknown');
    expect(others).toEqual([]);
    expect(tally(outcomes).unknown ?? 0).toBeLessThanOrEqual(2);
  });
});
