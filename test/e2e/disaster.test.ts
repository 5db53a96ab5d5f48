import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { fixture, isRunning, startInstance, type TestInstance } from './instance';
import { executions, repeated } from './ledger';
import { tally } from './load';
import { until } from './until';

const QUEUED_CALLS = 20;
const QUEUE_TIMEOUT_MS = 600_000;

let instance: TestInstance;
let ledger: string;
let gate: string;

/** Starts only while the gate is there, so that a test decides when it comes back. */
const GATED = `[ -e "$GATE" ] || { echo 'the gate is closed' >&2; exit 1; }; exec "$@"`;

beforeEach(async () => {
  instance = await startInstance();
  ledger = path.join(instance.folder, 'ledger');
  gate = path.join(instance.folder, 'gate');
  writeFileSync(gate, '');
});

afterEach(() => instance.down());

const tiny = (over: Partial<ServerEntry> = {}): ServerEntry => ({
  command: process.execPath,
  args: [fixture('tiny-server.js')],
  env: { LEDGER: ledger },
  ...over,
});

const gated = (): ServerEntry => ({
  command: 'sh',
  args: ['-c', GATED, 'gated', process.execPath, fixture('tiny-server.js')],
  env: { LEDGER: ledger, GATE: gate },
  restart: { maxRestarts: 10_000, maxDelay: '500ms' },
});

async function stateOf(name: string): Promise<string> {
  return (await instance.client.servers.get(name)).state;
}

/** Closes the gate, kills the server, and waits until its restarts fail. */
async function bringDown(name: string): Promise<void> {
  rmSync(gate);
  const { pid } = await instance.client.servers.get(name);
  process.kill(Number(pid), 'SIGKILL');
  await until('restarts that fail', async () => {
    const { state, reason } = await instance.client.servers.get(name);
    return state === 'BACKOFF' && reason.includes('the gate is closed');
  });
}

it('keeps calls for a server that is down much longer than any heartbeat, and runs each once', async () => {
  await instance.client.servers.add('gated', gated());
  await bringDown('gated');
  const { restarts } = await instance.client.servers.get('gated');
  const handles = await Promise.all(
    Array.from({ length: QUEUED_CALLS }, (_, n) =>
      instance.client.startCall(
        'gated',
        'count',
        { line: String(n) },
        { queueTimeoutMs: QUEUE_TIMEOUT_MS },
      ),
    ),
  );
  await until('many more failed restarts', async () => {
    return (await instance.client.servers.get('gated')).restarts > restarts + 20;
  });
  expect(executions(ledger)).toEqual([]);
  writeFileSync(gate, '');
  const outcomes = await Promise.all(handles.map((handle) => handle.result()));
  expect(tally(outcomes)).toEqual({ ok: QUEUED_CALLS });
  expect(executions(ledger)).toHaveLength(QUEUED_CALLS);
});

it('brings back what ran, and only that, when everything but the database was killed', async () => {
  const { client } = instance;
  const grandchild = path.join(instance.folder, 'grandchild');
  await client.servers.add('plain', tiny());
  await client.servers.add('stopped', tiny());
  await client.servers.add('disabled', tiny({ enabled: false }));
  await client.servers.add('gated', gated());
  await client.servers.add('wrapped', {
    command: 'sh',
    args: [fixture('wrapper.sh'), process.execPath, fixture('tiny-server.js')],
    env: { SPAWN_GRANDCHILD: grandchild, IGNORE_TERM: '1' },
  });
  await client.servers.stop('stopped');
  await bringDown('gated');

  const executing = await client.startCall(
    'plain',
    'sleep',
    { ms: 600_000 },
    { timeoutMs: 900_000 },
  );
  await until('the call is with the server', async () => {
    return (await client.servers.get('plain')).inFlight === 1;
  });
  const queued = await Promise.all(
    Array.from({ length: QUEUED_CALLS }, (_, n) =>
      client.startCall('gated', 'count', { line: String(n) }, { queueTimeoutMs: QUEUE_TIMEOUT_MS }),
    ),
  );
  await until('every call waits in its queue', async () => {
    const statuses = await Promise.all(queued.map((call) => call.status()));
    return statuses.every((status) => status === 'queued');
  });
  const before = await instance.processes();
  expect(before).toContain(Number(readFileSync(grandchild, 'utf8')));

  await instance.killAll();
  await until('every process of the old run is gone', () => !before.some(isRunning));

  writeFileSync(gate, '');
  instance = await startInstance({ home: instance.home });
  const running = ['gated', 'plain', 'wrapped'];
  await until('the servers that ran are back', async () => {
    const states = await Promise.all(running.map(stateOf));
    return states.every((state) => state === 'RUNNING');
  });
  expect(await stateOf('stopped')).toBe('STOPPED');
  expect(await stateOf('disabled')).toBe('STOPPED');

  const calls = await Promise.all(queued.map(({ id }) => instance.client.calls.get(id)));
  const outcomes = await Promise.all(calls.map((call) => call.result()));
  expect(tally(outcomes)).toEqual({ ok: QUEUED_CALLS });
  expect(repeated(executions(ledger))).toEqual([]);
  expect(executions(ledger)).toHaveLength(QUEUED_CALLS);

  const lost = await (await instance.client.calls.get(executing.id)).result();
  expect(lost).toMatchObject({ outcome: 'unknown', error: { code: 'OUTCOME_UNKNOWN' } });
  expect(await instance.client.callTool('plain', 'add', { a: 2, b: 3 })).toMatchObject({
    outcome: 'ok',
  });
});
