import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { sessionWorkflowId } from '../../src/domain/names';
import { type ServerStatus } from '../../src/domain/servers/status';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { connectClient } from '../../src/temporal/connection';
import { fixture, isRunning, startInstance, type TestInstance } from './instance';
import { executions, repeated } from './ledger';
import { startLoad, tally } from './load';
import { until } from './until';

let instance: TestInstance;
let ledger: string;

beforeEach(async () => {
  instance = await startInstance();
  ledger = path.join(instance.folder, 'ledger');
});

afterEach(() => instance.down());

const tiny = (over: Partial<ServerEntry> = {}): ServerEntry => ({
  command: process.execPath,
  args: [fixture('tiny-server.js')],
  ...over,
  env: { LEDGER: ledger, ...over.env },
});

async function untilState(name: string, state: string): Promise<ServerStatus> {
  return until(`${name} is ${state}`, async () => {
    const status = await instance.client.servers.get(name);
    return status.state === state && status;
  });
}

it('gives up after a crash loop with the reason, and starts again when asked', async () => {
  const restart = { maxRestarts: 1, initialDelay: '10ms', maxDelay: '50ms' };
  await instance.client.servers.add('looping', tiny({ restart }));
  const error = await until('ERROR', async () => {
    const status = await instance.client.servers.get('looping');
    if (status.state === 'ERROR') return status;
    const { pid } = status;
    if (status.state === 'RUNNING' && pid !== null && isRunning(pid)) {
      await instance.client.callTool('looping', 'crash', {}, { queueTimeoutMs: 5_000 });
    }
    return undefined;
  });
  expect(error).toMatchObject({ pid: null, error: { code: 'SERVER_CRASH_LOOP' } });
  expect(error.reason).toContain('gave up after 3 crash loops');
  expect(error.reason).toContain('exited with code 7');
  expect(error.reason).toContain('crashing as asked');
  const refused = await instance.client.callTool('looping', 'add', { a: 1, b: 1 });
  expect(refused).toMatchObject({ outcome: 'failed', error: { code: 'SERVER_NOT_RUNNING' } });

  expect(await instance.client.servers.start('looping')).toMatchObject({
    state: 'RUNNING',
    error: null,
  });
  const outcome = await instance.client.callTool('looping', 'add', { a: 1, b: 1 });
  expect(outcome).toMatchObject({ outcome: 'ok' });
});

it('says why a server does not start, and starts it when its entry was corrected', async () => {
  const broken = tiny({ env: { EXIT_AT_START: '9' } });
  await expect(instance.client.servers.add('broken', broken)).rejects.toMatchObject({
    message: expect.stringContaining('cannot start: EXIT_AT_START is set') as string,
  });
  const error = await untilState('broken', 'ERROR');
  expect(error.reason).toContain('exited with code 9');
  await instance.client.servers.remove('broken');
  const added = await instance.client.servers.add('broken', tiny());
  expect(added).toMatchObject({ state: 'RUNNING', error: null });
});

it('lets a server rest that exited with code 0, if its policy says so', async () => {
  await instance.client.servers.add('clean', {
    command: 'sh',
    args: ['-c', '"$@"; exit 0', 'clean', process.execPath, fixture('tiny-server.js')],
    restart: { policy: 'on-failure' },
  });
  await instance.client.callTool('clean', 'crash');
  const rests = await untilState('clean', 'STOPPED');
  expect(rests.reason).toContain('exited with code 0');
  expect(rests).toMatchObject({ pid: null, error: null });
});

it('starts a new generation when the session was terminated from outside', async () => {
  const { pid } = await instance.client.servers.add('tiny', tiny());
  const { json } = await instance.cli<{ temporal: { address: string; namespace: string } }>(
    'info',
    '--json',
  );
  const connection = await connectClient(json.temporal);
  const client = new Client({ connection, namespace: json.temporal.namespace });
  await client.workflow.getHandle(sessionWorkflowId('tiny', 1)).terminate('by a person');
  const next = await until('another generation', async () => {
    const status = await instance.client.servers.get('tiny');
    return status.generation === 2 && status.state === 'RUNNING' && status;
  });
  await connection.close();
  expect(isRunning(Number(pid))).toBe(false);
  expect(next.pid).not.toBe(pid);
  expect(await instance.client.callTool('tiny', 'add', { a: 1, b: 1 })).toMatchObject({
    outcome: 'ok',
  });
});

it('leaves nothing running when up is killed, and takes over from its records', async () => {
  await instance.client.servers.add('tiny', tiny({ env: { IGNORE_TERM: '1' } }));
  const before = await instance.processes();
  expect(before.length).toBeGreaterThan(4);
  const { worker } = await instance.pids();
  process.kill(Number(worker), 'SIGSTOP'); // as busy as can be
  await instance.kill('up');
  await until('every process has ended', async () => (await instance.processes()).length === 0);
  instance = await startInstance({ home: instance.home });
  await untilState('tiny', 'RUNNING');
  const records = readdirSync(path.join(instance.home, 'hosts')).filter((name) =>
    name.endsWith('.json'),
  );
  expect(records).toEqual([`${path.basename(instance.folder)}.json`]);
});

it('starts again at once after a kill -9 of up, while its parts are still ending', async () => {
  const { pid } = await instance.client.servers.add('tiny', tiny({ env: { IGNORE_TERM: '1' } }));
  const { worker, hosts } = await instance.pids();
  process.kill(Number(worker), 'SIGSTOP');
  await instance.kill('up');
  instance = await startInstance({ home: instance.home });
  await untilState('tiny', 'RUNNING');
  expect([pid, worker, ...Object.values(hosts)].map(Number).some(isRunning)).toBe(false);
  expect(instance.said()).not.toContain('it is started again');
});

it('loses no call when a host is drained while another one is there', async () => {
  await instance.client.servers.add('tiny', tiny());
  const first = await instance.client.servers.get('tiny');
  const second = `${path.basename(instance.folder)}-second`;
  const host = instance.spawn(['host', 'run', '--host-id', second]);
  await until('the second host runs', () =>
    readdirSync(path.join(instance.home, 'hosts')).includes(`${second}.json`),
  );
  const load = startLoad(instance.client, 'tiny', 50);
  await load.answered(25);
  const { hosts } = await instance.pids();
  process.kill(Number(hosts[String(first.host)]), 'SIGTERM');
  await until('the server is with the next host', async () => {
    const { state, epoch } = await instance.client.servers.get('tiny');
    return state === 'RUNNING' && epoch !== null && epoch >= 2;
  });
  await load.answered(50);
  const outcomes = await load.end();
  expect(tally(outcomes)).toEqual({ ok: load.submitted });
  const lines = executions(ledger);
  expect(lines).toHaveLength(load.submitted);
  expect(repeated(lines)).toEqual([]);
  expect(isRunning(Number(first.pid))).toBe(false);
  host.kill('SIGTERM');
});
