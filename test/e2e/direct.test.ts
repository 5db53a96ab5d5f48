import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { type CallOutcome } from '../../src/domain/calls/calls';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { fixture, startInstance, type TestInstance } from './instance';
import { executions } from './ledger';
import { until } from './until';

let instance: TestInstance;

const tiny = (more: ServerEntry): ServerEntry => ({
  ...{ command: process.execPath, args: [fixture('tiny-server.js')] },
  env: { LEDGER: 'ledger' },
  ...more,
});

beforeAll(async () => {
  instance = await startInstance({
    separate: true,
    config: {
      quick: tiny({ direct: ['echo', 'sleep*', 'fail', 'count'] }),
      narrow: tiny({ direct: ['*'], limits: { concurrentCalls: 1 } }),
      kept: tiny({ cache: { tools: ['count'] }, direct: ['count'] }),
    },
  });
});

const socketFile = () =>
  path.join(instance.home, 'hosts', `${path.basename(instance.folder)}.sock`);
const ledger = () => executions(path.join(instance.folder, 'ledger'));
const echo = (server = 'quick') => instance.client.callTool(server, 'echo', { text: 'hi' });

const inFlight = (server: string, count: number) =>
  until(`${count} calls with ${server}`, async () => {
    return (await instance.client.servers.get(server)).inFlight === count;
  });

const recorded = ({ callId }: CallOutcome) =>
  until('the record of the call', async () => {
    const calls = await instance.client.calls.list({ limit: 100 });
    return calls.find((call) => call.callId === callId && call.endedAtMs !== undefined);
  });

describe('a direct call', () => {
  it('goes over a socket that nobody else can open, and is recorded', async () => {
    expect(statSync(socketFile()).mode & 0o777).toBe(0o600);
    const outcome = await echo();
    expect(outcome).toMatchObject({
      ...{ outcome: 'ok', path: 'direct' },
      result: { content: [{ type: 'text', text: 'hi' }] },
    });
    expect(await recorded(outcome)).toMatchObject({ status: 'ok', path: 'direct', attempts: 1 });
    await expect(instance.client.calls.get(outcome.callId)).rejects.toMatchObject({
      ...{ code: 'UNKNOWN_CALL', message: expect.stringContaining('a direct call') as string },
    });
    const [stats] = await instance.client.calls.stats('quick');
    expect(stats?.paths.direct).toBeGreaterThan(0);
  });

  it('says in the command line which way it went', async () => {
    const { json } = await instance.cli<CallOutcome>('call', 'quick', 'echo', 'text=x', '--json');
    expect(json).toMatchObject({ outcome: 'ok', path: 'direct' });
    const { stdout } = await instance.cli('calls', 'quick');
    expect(stdout).toContain('direct');
  });

  it('is refused, fails and is cancelled as any other', async () => {
    const { client } = instance;
    const refused = await client.callTool('quick', 'echo', { text: 1 });
    expect(refused).toMatchObject({ outcome: 'failed', error: { code: 'INVALID_ARGUMENTS' } });
    expect(await client.callTool('quick', 'fail')).toMatchObject({
      ...{ outcome: 'tool_error', path: 'direct', result: { isError: true } },
    });
    const late = await client.callTool('quick', 'sleep', { ms: 60_000 }, { timeoutMs: 100 });
    expect(late).toMatchObject({ outcome: 'unknown', path: 'direct' });
    const cancel = new AbortController();
    const ids: string[] = [];
    const slow = client.callTool(
      'quick',
      'sleep',
      { ms: 60_000 },
      { signal: cancel.signal, onId: (id) => ids.push(id) },
    );
    await inFlight('quick', 1);
    cancel.abort();
    const cancelled = await slow;
    expect(cancelled).toMatchObject({ outcome: 'cancelled', error: { code: 'CALL_CANCELLED' } });
    expect(ids).toEqual([cancelled.callId]);
  });

  it('of a gateway can be followed and cancelled by its id where it was made', async () => {
    const { client } = instance;
    let id = '';
    const made = client.callTool(
      'quick',
      'sleepAnswersCancel',
      { ms: 60_000 },
      { origin: { gateway: 'g', capabilities: {} }, onId: (known) => (id = known) },
    );
    await inFlight('quick', 1);
    expect(await client.calls.look(id)).toMatchObject({ callId: id, status: 'running' });
    const handle = await client.calls.get(id);
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ callId: id, outcome: 'cancelled' });
    expect(await made).toMatchObject({ callId: id, path: 'direct' });
  });

  it('with a key goes through Temporal, which keeps its result', async () => {
    const call = () =>
      instance.client.callTool('quick', 'count', { line: 'keyed' }, { idempotencyKey: 'k' });
    const [first, second] = [await call(), await call()];
    expect(second.callId).toBe(first.callId);
    expect(first.path ?? 'durable').toBe('durable');
    expect(ledger().filter((line) => line === 'keyed')).toHaveLength(1);
  });

  it('waits in Temporal when its server has no place for it', async () => {
    // Long enough to be seen in a heartbeat, of which there is one a second.
    const slow = instance.client.callTool('narrow', 'sleep', { ms: 5_000 });
    await inFlight('narrow', 1);
    const second = echo('narrow');
    expect(await slow).toMatchObject({ outcome: 'ok', path: 'direct' });
    const waited = await second;
    expect(waited).toMatchObject({ outcome: 'ok' });
    expect(waited.path ?? 'durable').toBe('durable');
  });

  it('runs once, or is not sent, while its server is restarted', async () => {
    const before = ledger().length;
    let isOver = false;
    const outcomes: CallOutcome[] = [];
    const load = [1, 2, 3, 4].map(async (worker) => {
      for (let n = 0; !isOver; n++) {
        const line = `restart ${worker} ${n}`;
        outcomes.push(await instance.client.callTool('quick', 'count', { line }));
      }
    });
    await instance.client.servers.restart('quick');
    isOver = true;
    await Promise.all(load);
    expect(outcomes.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(ledger().length - before).toBe(outcomes.length);
  });
});

describe('a result that is kept', () => {
  it('is given again to the same caller, and says so', async () => {
    const call = (principal = 'anna') =>
      instance.client.callTool('kept', 'count', { line: 'kept' }, { principal });
    const first = await call();
    const second = await call();
    expect(first).toMatchObject({ outcome: 'ok', path: 'direct' });
    expect(second).toMatchObject({ outcome: 'ok', path: 'cached' });
    expect(second.result).toEqual({
      ...first.result,
      _meta: { 'mainspring/cache': { hit: true, ageMs: expect.any(Number) as number } },
    });
    expect(await call('bert')).toMatchObject({ path: 'direct' });
    expect(ledger().filter((line) => line === 'kept')).toHaveLength(2);
    expect(await recorded(second)).toMatchObject({ path: 'cached', principal: 'anna' });
    const stats = await until('all three are counted', async () => {
      const [found] = await instance.client.calls.stats('kept');
      return found?.calls === 3 && found;
    });
    expect(stats.tools).toMatchObject([
      { tool: 'count', cache: { hits: 1, misses: 2, hitPercent: 33.3 } },
    ]);
    expect((await instance.cli('status', 'kept')).stdout).toContain('cache hits 33.3%');
  });
});

// The last one: the host has to come back afterwards.
it('a direct call whose host is killed is unknown, and the next one finds the next host', async () => {
  const slow = instance.client.callTool('quick', 'sleep', { ms: 60_000 });
  await inFlight('quick', 1);
  await instance.kill('host');
  const lost = await slow;
  expect(lost).toMatchObject({
    ...{ outcome: 'unknown', path: 'direct', error: { code: 'OUTCOME_UNKNOWN' } },
  });
  expect(await recorded(lost)).toMatchObject({ status: 'unknown', errorClass: 'crash' });
  expect(await echo()).toMatchObject({ outcome: 'ok' });
  await until('a direct call again', async () => (await echo()).path === 'direct');
  await instance.down();
  expect(existsSync(socketFile())).toBe(false);
});
