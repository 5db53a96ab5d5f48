import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { type CallOutcome, type CallProgress } from '../../src/domain/calls/calls';
import { CANCEL_GRACE_MS } from '../../src/domain/limits';
import { serverWorkflowId } from '../../src/domain/names';
import { type ServerStatus } from '../../src/domain/servers/status';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { connectClient } from '../../src/temporal/connection';
import { fixture, isRunning, killProcess, startInstance, type TestInstance } from './instance';
import { executions, repeated } from './ledger';
import { startLoad, tally } from './load';
import { until } from './until';
import { ENTITY_HISTORY_LIMIT } from '../../workflows/history-limit';

const SLOW_MS = process.env['MAINSPRING_FULL'] === '1' ? 30_000 : 3_000;
const MIB = 1024 * 1024;

let instance: TestInstance;
let ledger: string;

const tiny = (env: Record<string, string> = {}): ServerEntry => ({
  command: process.execPath,
  args: [fixture('tiny-server.js')],
  env: { LEDGER: 'ledger', ...env },
});

beforeAll(async () => {
  // Relative to the config file.
  instance = await startInstance({ config: { tiny: tiny() } });
  ledger = path.join(instance.folder, 'ledger');
});

const inFlight = async (count: number) =>
  until(`${count} calls with the server`, async () => {
    return (await instance.client.servers.get('tiny')).inFlight === count;
  });

async function statusOf(name = 'tiny') {
  return instance.client.servers.get(name);
}

/** The entity as anybody with Temporal's own tools reaches it. */
async function withEntity<T>(work: (entity: WorkflowHandle) => Promise<T>): Promise<T> {
  return withTemporal((client) => work(client.workflow.getHandle(serverWorkflowId('tiny'))));
}

async function withTemporal<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const { json } = await instance.cli<{ temporal: { address: string; namespace: string } }>(
    'info',
    '--json',
  );
  const connection = await connectClient(json.temporal);
  try {
    const client = new Client({ connection, namespace: json.temporal.namespace });
    return await work(client);
  } finally {
    await connection.close();
  }
}

it('gives the result of a slow call to another process when the caller was killed', async () => {
  const caller = instance.spawn(['call', 'tiny', 'sleep', `ms=${SLOW_MS}`, '--json']);
  const [record] = await until('the call runs', async () => {
    const calls = await instance.client.calls.list({ server: 'tiny' });
    return calls.some(({ status }) => status === 'running') && calls;
  });
  await killProcess(Number(caller.pid));
  const { json, code } = await instance.cli<CallOutcome>(
    'result',
    String(record?.callId),
    '--json',
  );
  expect({ code, json }).toMatchObject({
    code: 0,
    json: { outcome: 'ok', callId: record?.callId },
  });
  expect(json.ranMs).toBeGreaterThanOrEqual(SLOW_MS - 50);
  expect(JSON.stringify(json.result)).toContain(`slept ${SLOW_MS} ms`);
});

it('ends a cancelled call as cancelled, whether its server answers or not, and never runs its key again', async () => {
  const { client } = instance;
  const deaf = { ms: 600_000, lateMs: CANCEL_GRACE_MS + 2_000 };
  const calls = await Promise.all([
    client.startCall('tiny', 'sleepAnswersCancel', { ms: 600_000 }),
    client.startCall('tiny', 'sleep', { ms: 600_000 }),
    client.startCall('tiny', 'sleep', deaf, { idempotencyKey: 'deaf' }),
  ]);
  await inFlight(calls.length);
  await Promise.all(calls.map((call) => call.cancel()));
  const [confirmed, silent, late] = await Promise.all(calls.map((call) => call.result()));
  for (const outcome of [confirmed, silent, late]) {
    expect(outcome).toMatchObject({ outcome: 'cancelled', error: { code: 'CALL_CANCELLED' } });
  }
  const again = await client.callTool('tiny', 'sleep', deaf, { idempotencyKey: 'deaf' });
  expect(again).toMatchObject({ callId: late?.callId, outcome: 'cancelled' });
  const event = await until('the late answer', async () =>
    (await client.events.list({ server: 'tiny' })).find(({ reason }) =>
      reason.startsWith('late answer'),
    ),
  );
  expect(event.reason).toContain(String(late?.callId));
  expect(event.correlationId).toBe(late?.correlationId);
});

it('is found in Temporal by the name of its server', async () => {
  const call = await instance.client.startCall('tiny', 'echo', { text: 'found' });
  expect(await call.result()).toMatchObject({ outcome: 'ok' });
  const query = "McpServer = 'tiny' AND ActivityType = 'callTool'";
  await withTemporal((client) =>
    until('the call among those of its server', async () => {
      for await (const { activityId } of client.activity.list(query)) {
        if (activityId === call.id) return true;
      }
      return false;
    }),
  );
});

it('shows the progress that a server reports', async () => {
  const handle = await instance.client.startCall('tiny', 'sleep', { ms: 3_000 });
  const seen: CallProgress[] = [];
  for await (const progress of handle.progress()) seen.push(progress);
  expect(seen).toContainEqual({ progress: 0, total: 3_000, message: '0 ms' });
  expect(await handle.result()).toMatchObject({ outcome: 'ok' });
});

it('brings a result of several MiB back whole, also later and in another process', async () => {
  const bytes = 3 * MIB;
  const outcome = await instance.client.callTool('tiny', 'bigResult', { bytes });
  expect(outcome.outcome).toBe('ok');
  expect(outcome.result).toEqual({ content: [{ type: 'text', text: 'x'.repeat(bytes) }] });
  const { json } = await instance.cli<CallOutcome>('result', outcome.callId, '--json');
  expect(json.result).toEqual(outcome.result);
});

it('runs 100 calls of one server at once', async () => {
  const handles = await Promise.all(
    Array.from({ length: 100 }, () =>
      instance.client.startCall('tiny', 'sleepAnswersCancel', { ms: 600_000 }),
    ),
  );
  await inFlight(100);
  await Promise.all(handles.map((handle) => handle.cancel()));
  const outcomes = await Promise.all(handles.map((handle) => handle.result()));
  expect(tally(outcomes)).toEqual({ cancelled: 100 });
});

it('loses no call and runs none twice through restarts and reloads', async () => {
  const load = startLoad(instance.client, 'tiny', 20);
  for (let version = 1; version <= 5; version++) {
    await load.answered(5);
    const { pid } = await statusOf();
    const entry = tiny({ TOOLS_VERSION: String(version) });
    writeFileSync(instance.configFile, JSON.stringify({ mcpServers: { tiny: entry } }));
    const { json } = await instance.cli<ServerStatus>('reload', 'tiny', '--json');
    expect(json).toMatchObject({ state: 'RUNNING', serverInfo: { version: String(version) } });
    expect(isRunning(Number(pid))).toBe(false);

    await load.answered(5);
    const { code } = await instance.cli('restart', 'tiny', '--json');
    expect(code).toBe(0);
    expect(isRunning(Number(json.pid))).toBe(false);
  }
  await load.answered(5);
  const outcomes = await load.end();
  expect(tally(outcomes)).toEqual({ ok: load.submitted });
  const lines = executions(ledger);
  expect(lines).toHaveLength(load.submitted);
  expect(repeated(lines)).toEqual([]);
});

it('lets a call that runs finish within the grace of a stop', async () => {
  const running = await instance.client.startCall('tiny', 'sleep', { ms: 2_000 });
  await until('the call runs', async () => (await running.status()) === 'running');
  await inFlight(1);
  await instance.client.servers.stop('tiny');
  expect(await running.result()).toMatchObject({ outcome: 'ok' });
  await instance.client.servers.start('tiny');
});

it('ends calls that wait as not run when their server is stopped', async () => {
  const gate = path.join(instance.folder, 'gate');
  writeFileSync(gate, '');
  const script = '[ -e "$GATE" ] || exit 1; exec "$@"';
  await instance.client.servers.add('gated', {
    command: 'sh',
    args: ['-c', script, 'gated', process.execPath, fixture('tiny-server.js')],
    env: { LEDGER: ledger, GATE: gate },
    restart: { maxRestarts: 10_000, maxDelay: '300ms' },
  });
  rmSync(gate);
  await killProcess(Number((await statusOf('gated')).pid));
  await until('BACKOFF', async () => (await statusOf('gated')).state === 'BACKOFF');
  const options = { queueTimeoutMs: 600_000 };
  const handles = await Promise.all(
    Array.from({ length: 10 }, () =>
      instance.client.startCall('gated', 'count', { line: 'stopped' }, options),
    ),
  );
  await instance.client.servers.stop('gated');
  const outcomes = await Promise.all(handles.map((handle) => handle.result()));
  expect(tally(outcomes)).toEqual({ failed: 10 });
  expect(executions(ledger)).not.toContain('stopped');
  const refused = await instance.client.callTool('gated', 'count', { line: 'stopped' });
  expect(refused).toMatchObject({ outcome: 'failed', error: { code: 'SERVER_NOT_RUNNING' } });
});

it('obeys plain signals from outside', async () => {
  await withEntity(async (entity) => {
    const { pid } = await statusOf();
    await entity.signal('restart');
    await until('a new child', async () => {
      const status = await statusOf();
      return status.state === 'RUNNING' && status.pid !== pid;
    });
    await entity.signal('stop');
    await until('STOPPED', async () => (await statusOf()).state === 'STOPPED');
    await entity.signal('start');
    await until('RUNNING', async () => (await statusOf()).state === 'RUNNING');
    const again = await statusOf();
    await entity.signal('reload');
    await entity.signal('start');
    await until('the note of the ignored start', async () => {
      const events = await instance.client.events.list({ server: 'tiny', limit: 10 });
      return events.some(({ reason }) => reason.includes('start was ignored'));
    });
    expect(await statusOf()).toMatchObject({ state: 'RUNNING', pid: again.pid });
  });
});

it('continues the entity as new under load, while its session and process go on', async () => {
  await withEntity(async (entity) => {
    const before = await statusOf();
    const { runId } = await entity.describe();
    const load = startLoad(instance.client, 'tiny', 20);
    const burst = Array.from({ length: 100 }, (_, index) => index);
    await until('another run of the entity', async () => {
      // Each of them is refused or ignored, and yet makes the history longer.
      await Promise.all(burst.map(() => entity.signal('start')));
      // Temporal lets no workflow continue as new while signals come without a pause.
      await entity.query('snapshot').catch(() => undefined); // too busy to say
      return (await entity.describe()).runId !== runId;
    });
    await load.answered(20);
    expect(tally(await load.end())).toEqual({ ok: load.submitted });
    const { generation, pid, restarts } = await statusOf();
    expect({ generation, pid, restarts }).toEqual({
      generation: before.generation,
      pid: before.pid,
      restarts: before.restarts,
    });
    expect((await entity.describe()).historyLength).toBeLessThan(2 * ENTITY_HISTORY_LIMIT);
  });
});
