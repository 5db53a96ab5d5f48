import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MainspringClient } from '../../src/client/mainspring-client';
import { type CallOutcome } from '../../src/domain/calls/calls';
import { fixture, killProcess, REPOSITORY, startInstance, type TestInstance } from './instance';
import { executions, repeated } from './ledger';
import { until } from './until';

const CALLS = 1_000;
const PARALLEL = 32;

let instance: TestInstance;
let ledger: string;

beforeAll(async () => {
  instance = await startInstance();
  ledger = path.join(instance.folder, 'ledger');
  await instance.client.servers.add('counting', {
    command: process.execPath,
    args: [fixture('tiny-server.js')],
    env: { LEDGER: ledger },
  });
});

const callOf = (n: number) => ({
  server: 'counting',
  tool: 'count',
  args: { line: String(n) },
  idempotencyKey: `key-${n}`,
});
const calls = Array.from({ length: CALLS }, (_, n) => callOf(n));

const answersOf = (outcomes: readonly CallOutcome[]) =>
  outcomes.map(({ callId, outcome, result }) => ({ callId, outcome, result }));

/** Another process that makes the same calls, with the built package, as any program of a user would. */
async function callsOfAnotherProcess(): Promise<CallOutcome[]> {
  const program = `
    const { MainspringClient } = require(${JSON.stringify(REPOSITORY)});
    (async () => {
      const client = await MainspringClient.connect();
      const calls = Array.from({ length: ${CALLS} }, (_, n) => (${callOf.toString()})(n));
      const outcomes = await client.callTools(calls, { parallel: ${PARALLEL} });
      await client.close();
      console.log(JSON.stringify(outcomes));
    })();`;
  const child = spawn(process.execPath, ['-e', program], {
    env: { ...process.env, MAINSPRING_HOME: instance.home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(text) as CallOutcome[];
}

it('runs each key once, however often and from wherever it is submitted', async () => {
  const { client } = instance;
  // Both processes run through the same keys at the same time.
  const [first, concurrent] = await Promise.all([
    client.callTools(calls, { parallel: PARALLEL }),
    callsOfAnotherProcess(),
  ]);
  expect(first.every(({ outcome }) => outcome === 'ok')).toBe(true);
  expect(new Set(first.map(({ callId }) => callId)).size).toBe(CALLS);
  expect(answersOf(concurrent)).toEqual(answersOf(first));

  const afterwards = await client.callTools(calls, { parallel: PARALLEL });
  expect(answersOf(afterwards)).toEqual(answersOf(first));

  const lines = executions(ledger);
  expect(lines).toHaveLength(CALLS);
  expect(repeated(lines)).toEqual([]);
});

it('refuses a key that belongs to a call with other arguments', async () => {
  const before = executions(ledger).length;
  const options = { idempotencyKey: 'key-0' };
  const other = await instance.client.callTool('counting', 'count', { line: 'other' }, options);
  expect(other).toMatchObject({ outcome: 'failed', error: { code: 'IDEMPOTENCY_CONFLICT' } });
  const otherTool = await instance.client.callTool('counting', 'echo', { text: '0' }, options);
  expect(otherTool).toMatchObject({ outcome: 'failed', error: { code: 'IDEMPOTENCY_CONFLICT' } });
  expect(executions(ledger)).toHaveLength(before);
});

it('keeps the keys of different principals apart', async () => {
  const other = await MainspringClient.connect({ home: instance.home, principal: 'key:other' });
  const { server, tool, args, idempotencyKey } = callOf(0);
  const outcome = await other.callTool(server, tool, args, { idempotencyKey });
  await other.close();
  expect(outcome.outcome).toBe('ok');
  expect(executions(ledger).filter((line) => line === '0')).toHaveLength(2);
});

it('runs a key again whose call did not run', async () => {
  const { client } = instance;
  const options = { idempotencyKey: 'cancelled in the queue', queueTimeoutMs: 600_000 };
  const gate = path.join(instance.folder, 'gate');
  writeFileSync(gate, '');
  await client.servers.add('gated', {
    command: 'sh',
    args: [
      '-c',
      '[ -e "$GATE" ] || exit 1; exec "$@"',
      'gated',
      process.execPath,
      fixture('tiny-server.js'),
    ],
    env: { LEDGER: ledger, GATE: gate },
    restart: { maxRestarts: 10_000, maxDelay: '300ms' },
  });

  rmSync(gate);
  const { pid } = await client.servers.get('gated');
  await killProcess(Number(pid));
  await until('BACKOFF', async () => (await client.servers.get('gated')).state === 'BACKOFF');

  const first = await client.startCall('gated', 'count', { line: 'gated' }, options);
  await first.cancel();
  expect(await first.result()).toMatchObject({ outcome: 'failed' });
  expect(executions(ledger)).not.toContain('gated');

  writeFileSync(gate, '');
  const second = await client.callTool('gated', 'count', { line: 'gated' }, options);
  expect(second).toMatchObject({ outcome: 'ok', callId: `${first.id}~2` });
  const third = await client.callTool('gated', 'count', { line: 'gated' }, options);
  expect(third).toMatchObject({ outcome: 'ok', callId: second.callId, result: second.result });
  expect(executions(ledger).filter((line) => line === 'gated')).toHaveLength(1);
});

it('never runs a key again whose outcome is unknown', async () => {
  const { client } = instance;
  const options = { idempotencyKey: 'crashed' };
  const before = await client.servers.get('counting');
  const first = await client.callTool('counting', 'crash', {}, options);
  expect(first).toMatchObject({ outcome: 'unknown' });
  const { restarts } = await until('the server is back', async () => {
    const status = await client.servers.get('counting');
    return status.state === 'RUNNING' && status.restarts > before.restarts && status;
  });
  const again = await client.callTool('counting', 'crash', {}, options);
  expect(again).toMatchObject({ outcome: 'unknown', callId: first.callId });
  expect(await client.servers.get('counting')).toMatchObject({ state: 'RUNNING', restarts });
});

it('keeps what it has answered through a restart of the instance', async () => {
  const before = executions(ledger).length;
  const [first] = answersOf([
    await instance.client.callTool('counting', 'count', { line: '1' }, { idempotencyKey: 'key-1' }),
  ]);
  await instance.down();
  instance = await startInstance({ home: instance.home });
  const [again] = answersOf([
    await instance.client.callTool('counting', 'count', { line: '1' }, { idempotencyKey: 'key-1' }),
  ]);
  expect(again).toEqual(first);
  expect(executions(ledger)).toHaveLength(before);
});
