import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { type HealthResult } from '../../src/domain/health/health';
import { serverWorkflowId, sessionWorkflowId } from '../../src/domain/names';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { openStore } from '../../src/store/open-store';
import { RESULTS_PER_SERVER } from '../../src/store/health-results';
import { type Store } from '../../src/store/store';
import { connectClient } from '../../src/temporal/connection';
import { choosePort } from '../../src/temporal/ports';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';

const OFTEN = { interval: '200ms', timeout: '500ms' };

let instance: TestInstance;
let store: Store;

beforeAll(async () => {
  instance = await startInstance();
  store = await openStore(instance.home);
});

afterAll(() => store.close());

async function add(name: string, over: Partial<ServerEntry> = {}): Promise<number> {
  const { pid } = await instance.client.servers.add(name, {
    command: process.execPath,
    args: [fixture('sick-server.js')],
    health: OFTEN,
    ...over,
  });
  return Number(pid);
}

async function fallIll(name: string, illness: string): Promise<void> {
  const outcome = await instance.client.callTool(name, 'fallIll', { with: illness, afterMs: 100 });
  expect(outcome.outcome).toBe('ok');
}

/** The event of the crash that followed, once another child answers. */
async function restarted(name: string, pid: number): Promise<string> {
  await until(`another child of ${name}`, async () => {
    const status = await instance.client.servers.get(name);
    return status.state === 'RUNNING' && status.pid !== pid && status.restarts === 1;
  });
  return until(`the event of the restart of ${name}`, async () => {
    const events = await instance.client.events.list({ server: name });
    return events.find(({ to }) => to === 'BACKOFF')?.reason;
  });
}

async function healthOf(name: string, health: string) {
  return until(`${name} is ${health}`, async () => {
    const status = await instance.client.servers.get(name);
    return status.health === health && status;
  });
}

async function resultsOf(name: string, enough: (results: HealthResult[]) => boolean) {
  return until(`results of ${name}`, async () => {
    const results = await store.health.list(name, RESULTS_PER_SERVER);
    return enough(results) && results;
  });
}

it('restarts a server that is alive and answers nothing', async () => {
  const pid = await add('silent');
  await fallIll('silent', 'silent');
  expect(await restarted('silent', pid)).toBe(
    'UNHEALTHY for 3 rounds in a row: ping: no answer within 500 ms; tools: no answer within 500 ms; restarting immediately',
  );
  const changes = await instance.client.events.list({ server: 'silent' });
  const told = changes.filter(({ kind }) => kind === 'health');
  expect(told.map(({ healthTo }) => healthTo)).toEqual(['DEGRADED', 'UNHEALTHY']);
  for (const { reason } of told) expect(reason).toContain('ping: no answer within 500 ms');
});

it('restarts a server that is suspended', async () => {
  const pid = await add('suspended');
  process.kill(pid, 'SIGSTOP');
  expect(await restarted('suspended', pid)).toContain('process: the process is suspended');
});

it('restarts a server whose memory is above its limit', async () => {
  const pid = await add('bloated', { limits: { memoryMb: 150 }, health: { interval: '1m' } });
  await fallIll('bloated', 'bloated');
  const reason = await restarted('bloated', pid);
  expect(reason).toMatch(/^uses \d+ MB of memory, more than its limit of 150 MB; restart/);
});

it('only reports a server that is never restarted, and takes it for well when it is again', async () => {
  const sick = path.join(instance.folder, 'sick');
  const module = path.join(instance.folder, 'check.mjs');
  writeFileSync(
    module,
    `import { existsSync } from 'node:fs';
     export default ({ server }) => {
       if (existsSync(${JSON.stringify(sick)})) throw new Error(server + ' is sore');
     };`,
  );
  const checks: NonNullable<ServerEntry['health']>['checks'] = [
    { kind: 'module', path: module, timeout: '30s' },
    { kind: 'command', command: 'test', args: ['!', '-e', sick] },
    { kind: 'tool', tool: 'fallIll', expect: 'as you like' },
  ];
  const env = { SICK_FILE: sick };
  const pid = await add('sore', {
    env,
    health: { ...OFTEN, checks },
    restart: { policy: 'never' },
  });
  await resultsOf('sore', ([last]) => last?.health === 'HEALTHY');
  await fallIll('sore', 'sore');
  const { healthReason } = await healthOf('sore', 'UNHEALTHY');
  expect(healthReason).toContain('module: sore is sore');
  expect(healthReason).toContain('command: test exited with code 1');
  rmSync(sick);
  expect(await healthOf('sore', 'HEALTHY')).toMatchObject({ pid, restarts: 0 });
});

it('does not take a server for well that lists no tools any more', async () => {
  const health = { ...OFTEN, thresholds: { restart: 0 } };
  const pid = await add('toolless', { health });
  await fallIll('toolless', 'toolless');
  const status = await healthOf('toolless', 'UNHEALTHY');
  expect(status).toMatchObject({ pid, state: 'RUNNING' });
  expect(status.healthReason).toContain('no longer lists any tools');
});

it('asks the URL of a remote server by default', async () => {
  const port = await choosePort(0, '127.0.0.1');
  const remote = spawn(process.execPath, [fixture('http-server.js')], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await new Promise((resolve) => remote.stdout.once('data', resolve));
    const url = `http://127.0.0.1:${port}/mcp`;
    await instance.client.servers.add('remote', { url, health: OFTEN });
    const [last] = await resultsOf('remote', ([newest]) => newest?.health === 'HEALTHY');
    expect(last?.reason).toBe('all checks passed');
    expect(last?.checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      ...['ping passed', 'tools passed', 'http passed'],
    ]);
    await instance.client.servers.stop('remote');
  } finally {
    remote.kill('SIGKILL');
  }
});

it('keeps the last results, and no round of them in Temporal', async () => {
  await add('well', { health: { interval: '100ms' } });
  const historyLength = await inTemporal(async (client) => {
    const session = client.workflow.getHandle(sessionWorkflowId('well', 1));
    const entity = client.workflow.getHandle(serverWorkflowId('well'));
    const [newest] = await resultsOf('well', (found) => found.length > 0);
    const before = await Promise.all([session.describe(), entity.describe()]);
    await resultsOf(
      'well',
      (found) => found.filter(({ atMs }) => atMs > Number(newest?.atMs)).length > 20,
    );
    const after = await Promise.all([session.describe(), entity.describe()]);
    return { before, after };
  });
  const lengths = (all: { historyLength: number }[]) => all.map((one) => one.historyLength);
  expect(lengths(historyLength.after)).toEqual(lengths(historyLength.before));
});

it('checks at once when it is asked to', async () => {
  await add('asked', { health: { interval: '1h' } });
  const result = await instance.client.health.now('asked');
  expect(result).toMatchObject({ server: 'asked', health: 'HEALTHY', onDemand: true });
  expect(result.checks.map(({ name }) => name)).toEqual(['ping', 'tools', 'process']);
  const [kept] = await resultsOf('asked', (found) => found.some(({ onDemand }) => onDemand));
  expect(kept).toEqual(result);
});

/** Runs `action` with a client of the instance's Temporal. */
async function inTemporal<Result>(action: (client: Client) => Promise<Result>): Promise<Result> {
  const { json } = await instance.cli<{ temporal: { address: string; namespace: string } }>(
    'info',
    '--json',
  );
  const connection = await connectClient(json.temporal);
  try {
    return await action(new Client({ connection, namespace: json.temporal.namespace }));
  } finally {
    await connection.close();
  }
}
