import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { InFlight } from '../../../activities/server/in-flight';
import { runCheck } from '../../../activities/health/checks/run-check';
import { type Subject } from '../../../activities/health/checks/subject';
import { type Serving } from '../../../activities/server/supervised-server';
import { type Usage, UsageMeter } from '../../../activities/health/usage-meter';
import { type CheckResult, type HealthCheck } from '../../../src/domain/health/health';
import { healthPolicyOf } from '../../../src/domain/health/health-policy';
import { type ServerSpec } from '../../../src/domain/spec';
import { openConnection } from '../../../src/mcp/session/connection';
import { NoList } from '../../../src/mcp/lists/listing';
import { type LiveConnection } from '../../../src/mcp/session/live-connection';
import { hashTools } from '../../../src/mcp/lists/tools-hash';
import { openServerLog } from '../../../src/process/log-file';
import { createMask } from '../../../src/process/mask';
import { stdioSpec } from '../../domain/samples';
import { until } from '../../e2e/until';
import { useTemporaryFolder } from '../../temporary-folder';

const FIXTURE = path.resolve(__dirname, '../../fixtures/tiny-server.js');
const SECRET = 'a-very-secret-token';
const NEVER = new AbortController().signal;

const folder = useTemporaryFolder();
const open: LiveConnection[] = [];
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.kill()));
  for (const server of servers.splice(0)) server.close();
});

/** A real child, as its host sees it. */
async function start(
  env: Record<string, string> = {},
  over: Partial<ServerSpec> = {},
): Promise<Subject & { seen: string[][]; groups: number[] }> {
  const spec = {
    ...stdioSpec({
      process: {
        command: process.execPath,
        args: [FIXTURE],
        env: { TOKEN: SECRET, ...env },
        cwd: folder(),
      },
    }),
    ...over,
  } as ServerSpec;
  const mask = createMask([SECRET]);
  const log = openServerLog(path.join(folder(), 'server.log'), mask);
  const connection = await openConnection(spec, { hostId: 'here', log });
  open.push(connection);
  const { tools } = await connection.listTools();
  const catalogue = { server: spec.name, toolsHash: hashTools(tools), tools, listedAtMs: 0 };
  const serving: Serving = {
    ...{ connection, catalogue, mask, spec, resolved: spec, values: '' },
    ...{ calls: new InFlight(), sinceMs: Date.now() },
  };
  const groups: number[] = [];
  const seen: string[][] = [];
  return {
    ...{ serving, hadTools: true, usage: undefined, groups, seen },
    onTools: ({ tools: listed }) => seen.push(listed.map(({ name }) => name)),
    host: {
      home: folder(),
      hostId: 'here',
      guard: {
        pid: 0,
        watch: (pgid) => void groups.push(pgid),
        release: (pgid) => void groups.splice(groups.indexOf(pgid), 1),
        close: async () => undefined,
      },
      groups: { add: () => undefined, remove: () => undefined, close: () => undefined },
    },
  };
}

async function check(subject: Subject, one: HealthCheck, timeoutMs = 5_000): Promise<CheckResult> {
  const policy = { ...healthPolicyOf(subject.serving.spec), timeoutMs };
  return runCheck(policy, one, subject, NEVER);
}

/** An HTTP server that answers with this status, and what it was asked. */
async function listen(status: number) {
  const asked: { url?: string; token?: string }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url, token: request.headers['x-token'] as string | undefined });
    response.writeHead(status).write('the beginning of a stream'); // and no end
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, asked };
}

function suspend(subject: Subject): void {
  process.kill(Number(subject.serving.connection.pid), 'SIGSTOP');
}

describe('ping and tools', () => {
  test('pass when it answers, and tell how long that took', async () => {
    const subject = await start();
    const latencyMs = expect.any(Number) as number;
    expect(await check(subject, { kind: 'ping' })).toEqual({
      ...{ name: 'ping', kind: 'ping', status: 'passed', latencyMs },
    });
    expect(await check(subject, { kind: 'tools', name: 'list' })).toMatchObject({
      ...{ name: 'list', kind: 'tools', status: 'passed', latencyMs },
    });
    expect(subject.seen[0]).toContain('echo');
  });

  test('fail without a latency when nothing comes', async () => {
    const subject = await start();
    suspend(subject);
    const message = 'no answer within 100 ms';
    for (const kind of ['ping', 'tools'] as const) {
      expect(await check(subject, { kind }, 100)).toEqual({
        ...{ name: kind, kind, status: 'failed', message },
      });
    }
  });

  test('pass when it answers everything but pings, and not for long if it answers nothing at all', async () => {
    const subject = await start({ NO_PING: '1' });
    const passed = { name: 'ping', kind: 'ping', status: 'passed' };
    expect(await check(subject, { kind: 'ping' }, 2_000)).toMatchObject(passed);
    expect(await check(subject, { kind: 'ping' }, 2_000)).toMatchObject(passed);
    suspend(subject);
    expect(await check(subject, { kind: 'ping' }, 100)).toMatchObject({ status: 'failed' });
    const log = await readFile(path.join(folder(), 'server.log'), 'utf8');
    expect(log.match(/the server ignores ping/g)).toHaveLength(1);
  });

  test('are slow beyond the limit of the check', async () => {
    const subject = await start();
    expect(await check(subject, { kind: 'ping', slowMs: 0 })).toMatchObject({
      status: 'slow',
      message: expect.stringMatching(/^took [\d.]+ ms$/) as string,
    });
  });

  test.each([
    ['with an error', async () => Promise.reject(new NoList({ method: 'tools/list' }, 'is odd'))],
    ['in part', async () => ({ tools: [], flaws: [], brokenOff: 'page 2 of tools/list is odd' })],
  ])('answered %s are no reason for a restart', async (_how, listTools) => {
    const subject = await start();
    subject.serving.connection.listTools = listTools;
    expect(await check(subject, { kind: 'tools' })).toMatchObject({
      ...{ status: 'failed', advisory: true },
      message: expect.stringContaining('tools/list is odd; keeping the previous list') as string,
    });
  });

  test('fail when there are no tools where there were some', async () => {
    const subject = await start();
    subject.serving.connection.listTools = async () => ({ tools: [], flaws: [] });
    expect(await check(subject, { kind: 'tools' })).toMatchObject({
      status: 'failed',
      message: 'no longer lists any tools',
    });
    const never = { ...subject, hadTools: false };
    expect(await check(never, { kind: 'tools' })).toMatchObject({ status: 'passed' });
  });
});

describe('a tool', () => {
  const add = { kind: 'tool', tool: 'add', arguments: { a: 2, b: 3 } } as const;
  const sum = (type: string) => ({ type: 'object', properties: { sum: { type } } });

  test.each<[string, HealthCheck, string | undefined]>([
    ['passes', add, undefined],
    ['with the expected text', { ...add, expect: '5' }, undefined],
    ['with the expected shape', { ...add, schema: sum('number') }, undefined],
    ['with another text', { ...add, expect: 'six' }, 'the result of add does not contain "six": 5'],
    [
      'with another shape',
      { ...add, schema: sum('string') },
      'the result of add does not have the expected shape: "sum" must be of type string, got 5',
    ],
    [
      'that answers with an error',
      { kind: 'tool', tool: 'fail', arguments: {} },
      'fail returned an error: it did not work',
    ],
    [
      'that takes too long',
      { kind: 'tool', tool: 'sleep', arguments: { ms: 60_000 }, timeoutMs: 200 },
      'no answer within 200 ms',
    ],
  ])('%s', async (_name, one, message) => {
    const result = await check(await start(), one);
    expect([result.status, result.message]).toEqual([message ? 'failed' : 'passed', message]);
  });
});

describe('http', () => {
  test.each([
    [200, undefined, 'passed'],
    [404, undefined, 'passed'],
    [500, undefined, 'failed'],
    [202, 202, 'passed'],
    [200, 204, 'failed'],
  ])('status %d where %s is wanted: %s', async (answered, status, expected) => {
    const { port } = await listen(answered);
    const one: HealthCheck = { kind: 'http', port, ...(status && { status }) };
    expect(await check(await start(), one)).toMatchObject({ status: expected });
  });

  test("counts less than MCP's own answers at the server's own URL, unless a status is wanted", async () => {
    const subject = await start();
    expect(await check(subject, { kind: 'http' })).toMatchObject({ optional: true });
    const { port } = await listen(200);
    const wanted = await check(subject, { kind: 'http', port, status: 200 });
    expect(wanted).not.toHaveProperty('optional');
  });

  test("asks the server's own URL, and only that with its headers", async () => {
    const { port, asked } = await listen(405);
    const other = await listen(200);
    const subject = await start();
    const remote = { url: `ws://127.0.0.1:${port}/mcp`, headers: { 'x-token': SECRET } };
    subject.serving.resolved = { ...stdioSpec(), type: 'websocket', remote };
    await check(subject, { kind: 'http' });
    await check(subject, { kind: 'http', url: '/health' });
    await check(subject, { kind: 'http', url: `http://127.0.0.1:${other.port}/x` });
    await check(subject, { kind: 'http', port: other.port, url: '/y' });
    expect(asked).toEqual([
      { url: '/mcp', token: SECRET },
      { url: '/health', token: SECRET },
    ]);
    expect(other.asked).toEqual([{ url: '/x' }, { url: '/y' }]);
  });

  test('fails when nobody listens, and says so', async () => {
    const { port } = await listen(200);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const result = await check(await start(), { kind: 'http', port });
    expect(result).toMatchObject({ status: 'failed' });
    expect(result.message).toContain('ECONNREFUSED');
    expect(result.latencyMs).toBeUndefined();
  });

  test('fails without a URL', async () => {
    const result = await check(await start(), { kind: 'http' });
    expect(result.message).toBe('a check of kind http needs a "url" or a "port"');
  });
});

describe('the process', () => {
  async function measured(subject: Subject): Promise<Usage | undefined> {
    return new UsageMeter(subject.serving.connection.pid).measureRound();
  }

  test('passes while it lives', async () => {
    const subject = await start();
    const usage = await measured(subject);
    expect(usage).toMatchObject({ threads: expect.any(Number) as number, isSuspended: false });
    expect(usage?.rssBytes).toBeGreaterThan(10_000_000);
    expect(await check({ ...subject, usage }, { kind: 'process' })).toEqual({
      ...{ name: 'process', kind: 'process', status: 'passed' },
    });
  });

  test('counts what its children use, too', async () => {
    const alone = await measured(await start());
    const pidFile = path.join(folder(), 'grandchild');
    const parent = await start({ SPAWN_GRANDCHILD: pidFile });
    const usage = await measured(parent);
    expect(usage?.rssBytes).toBeGreaterThan((alone?.rssBytes ?? Infinity) * 1.2);
  });

  test('fails above its limits', async () => {
    const subject = await start({}, { limits: { ...stdioSpec().limits, memoryMb: 10 } });
    const usage = { ...(await measured(subject)), cpuPercent: 51 } as Usage;
    expect(await check({ ...subject, usage }, { kind: 'process' })).toMatchObject({
      message: expect.stringMatching(
        /^uses \d+ MB of memory, more than its limit of 10 MB$/,
      ) as string,
    });
    const limits: HealthCheck = { kind: 'process', memoryMb: 10_000, cpuPercent: 50 };
    expect(await check({ ...subject, usage }, limits)).toMatchObject({
      message: 'uses 51 % of a core, more than 50 %',
    });
  });

  test('fails when it is suspended or gone', async () => {
    const subject = await start();
    suspend(subject);
    const usage = await until('its suspension', async () => {
      const now = await measured(subject);
      return now?.isSuspended && now;
    });
    expect(await check({ ...subject, usage }, { kind: 'process' })).toMatchObject({
      message: 'the process is suspended (SIGSTOP)',
    });
    await subject.serving.connection.kill();
    expect(await check({ ...subject, usage: undefined }, { kind: 'process' })).toMatchObject({
      message: 'the process has exited',
    });
  });

  test('shows how much of a core it has used since the round before', async () => {
    const program = spawn(process.execPath, ['-e', 'for (;;);'], { detached: true });
    const meter = new UsageMeter(program.pid);
    try {
      expect(meter.measureRound()?.cpuPercent).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(meter.measureRound()?.cpuPercent).toBeGreaterThan(0);
    } finally {
      program.kill('SIGKILL');
    }
  });
});

describe('a command', () => {
  const sh = (script: string): HealthCheck => ({
    kind: 'command',
    command: 'sh',
    args: ['-c', script],
  });

  test("passes when it exits with 0, and has the server's environment and folder", async () => {
    const subject = await start();
    const script = 'echo "$TOKEN $MAINSPRING_SERVER $MAINSPRING_SERVER_PID" > said; pwd >> said';
    expect(await check(subject, sh(script))).toMatchObject({ status: 'passed' });
    const said = await readFile(path.join(folder(), 'said'), 'utf8');
    const { pid } = subject.serving.connection;
    expect(said).toBe(`${SECRET} files ${pid}\n${folder()}\n`);
    expect(subject.groups).toEqual([]);
  });

  test('fails with what it said last, without secrets', async () => {
    const result = await check(await start(), sh('echo "no $TOKEN" >&2; exit 3'));
    expect(result).toMatchObject({ status: 'failed', message: 'sh exited with code 3: no ***' });
  });

  test('fails when there is no such program', async () => {
    const result = await check(await start(), { kind: 'command', command: 'no-such', args: [] });
    expect(result.message).toContain('no-such');
  });

  test('is killed with all that it started when it takes too long', async () => {
    const subject = await start();
    const script = 'sleep 600 & echo $! > child; wait';
    const result = await check(subject, sh(script), 500);
    expect(result).toMatchObject({ status: 'failed', message: 'no answer within 500 ms' });
    const child = Number(await readFile(path.join(folder(), 'child'), 'utf8'));
    await until('the end of its group', () => subject.groups.length === 0);
    expect(await readFile(`/proc/${child}/stat`, 'utf8').catch(() => 'Z')).toContain('Z');
  });
});

describe('a module', () => {
  async function moduleOf(text: string, name = 'check.mjs'): Promise<HealthCheck> {
    const file = path.join(folder(), name);
    await writeFile(file, text);
    return { kind: 'module', path: file };
  }

  test('is told about the server, and passes when it returns', async () => {
    const subject = await start();
    const one = await moduleOf(`
      import { writeFileSync } from 'node:fs';
      export default async (context) => writeFileSync('context', JSON.stringify(context));
    `);
    expect(await check(subject, one, 20_000)).toMatchObject({ status: 'passed' });
    expect(JSON.parse(await readFile(path.join(folder(), 'context'), 'utf8'))).toEqual({
      server: 'files',
      pid: subject.serving.connection.pid,
    });
  });

  test.each([
    [
      'throws',
      'export default () => { throw new Error("the queue is stuck"); };',
      'the queue is stuck',
    ],
    ['rejects', 'export default async () => { await 0; throw new Error("late"); };', 'late'],
    ['has no function', 'export default 7;', 'is not a function'],
    ['does not compile', 'export default (', 'Unexpected'],
  ])('fails when it %s', async (_name, text, message) => {
    const result = await check(await start(), await moduleOf(text), 20_000);
    expect(result.status).toBe('failed');
    expect(result.message).toContain(message);
  });

  test('may be CommonJS', async () => {
    const one = await moduleOf('module.exports = async () => undefined;', 'check.cjs');
    expect(await check(await start(), one, 20_000)).toMatchObject({ status: 'passed' });
  });
});
