import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CallProgress } from '../../../src/domain/calls/calls';
import { CANCEL_GRACE_MS } from '../../../src/domain/limits';
import { type McpConnection } from '../../../src/mcp/session/connection';
import { isAlive } from '../../../src/process/process-identity';
import { until } from '../../e2e/until';
import { createTestHost, fixture, stdioSpec, type TestHost } from '../harness';

const timeoutMs = 10_000;
const SECRET = 'hunter2-hunter2';

describe('a stdio connection', () => {
  let host: TestHost;
  beforeEach(() => (host = createTestHost([SECRET])));
  afterEach(() => host.close());

  const text = async (connection: McpConnection, tool: string, args = {}) => {
    const { content } = await connection.callTool(tool, args, { timeoutMs });
    return content;
  };

  test('lists tools with unknown members, and answers calls and pings', async () => {
    const connection = await host.open(stdioSpec());
    expect(connection).toMatchObject({
      serverInfo: { name: 'tiny', version: '1' },
      era: 'legacy',
      protocolVersion: '2025-11-25',
      instructions: 'Be gentle.',
    });
    const { tools } = await connection.listTools();
    expect(tools.find(({ name }) => name === 'echo')).toMatchObject({
      annotations: { readOnlyHint: true },
      vendorMember: { kept: true },
    });
    expect(await text(connection, 'echo', { text: 'hé' })).toEqual([{ type: 'text', text: 'hé' }]);
    expect(await connection.ping(timeoutMs)).toBeGreaterThan(0);
  });

  test('passes a result on with content and members that no schema knows', async () => {
    const connection = await host.open(stdioSpec());
    expect(await connection.callTool('odd', {}, { timeoutMs })).toEqual({
      content: [{ type: 'hologram', z: 1, extra: true }],
      vendor: { kept: true },
    });
  });

  test('tells when the server says that its tools changed', async () => {
    const connection = await host.open(stdioSpec());
    const changed = new Promise<void>((resolve) => connection.onToolsChanged(resolve));
    await text(connection, 'toolsChange');
    await changed;
  });

  test('reports all progress, also what arrives together with the answer', async () => {
    const connection = await host.open(stdioSpec());
    const progress: CallProgress[] = [];
    const onProgress = (step: CallProgress) => void progress.push(step);
    await connection.callTool('sleep', { ms: 20 }, { timeoutMs, onProgress });
    expect(progress.map((step) => step.progress)).toEqual([0, 20]);
    expect(progress[1]).toEqual({ progress: 20, total: 20, message: '20 ms' });
  });

  test('rejects a call that the server answers with an error, with its code', async () => {
    const connection = await host.open(stdioSpec());
    await expect(text(connection, 'nope')).rejects.toMatchObject({
      kind: 'rejected',
      code: -32602,
      message: 'Unknown tool: nope',
    });
  });

  test('runs many calls at once', async () => {
    const connection = await host.open(stdioSpec());
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    const results = await Promise.all(
      numbers.map((number) => text(connection, 'add', { a: number, b: 1 })),
    );
    expect(results).toEqual(numbers.map((number) => [{ type: 'text', text: String(number + 1) }]));
  });

  test('cancels a call before it is sent without sending it', async () => {
    const connection = await host.open(stdioSpec());
    const onSent = jest.fn();
    const signal = AbortSignal.abort();
    const call = connection.callTool('echo', { text: '' }, { timeoutMs, signal, onSent });
    await expect(call).rejects.toMatchObject({ kind: 'not-sent', retryable: false });
    expect(onSent).not.toHaveBeenCalled();
  });

  test('does not send a call whose onSent throws', async () => {
    const ledger = join(host.folder, 'ledger');
    const connection = await host.open(stdioSpec({ LEDGER: ledger }));
    const onSent = () => {
      throw new Error('the lease is lost');
    };
    const call = connection.callTool('count', { line: 'no' }, { timeoutMs, onSent });
    await expect(call).rejects.toMatchObject({ kind: 'not-sent', message: 'the lease is lost' });
    await text(connection, 'count', { line: 'yes' });
    expect(readFileSync(ledger, 'utf8')).toBe('yes\n');
  });

  test('cancels a call after it is sent, confirmed when the server answers', async () => {
    const connection = await host.open(stdioSpec());
    const abort = new AbortController();
    const options = { timeoutMs, signal: abort.signal, onProgress: () => abort.abort() };
    const call = connection.callTool('sleepAnswersCancel', { ms: 60_000 }, options);
    await expect(call).rejects.toMatchObject({ kind: 'cancelled', cancel: 'answered' });
  });

  test.each([
    ['cancelled', { kind: 'cancelled', cancel: 'silent' }, timeoutMs],
    ['out of time', { kind: 'lost', errorClass: 'timeout' }, 50],
  ])('hears what is answered to a call that is %s', async (how, expected, timeout) => {
    const connection = await host.open(stdioSpec());
    const abort = new AbortController();
    const late: unknown[] = [];
    const options = {
      ...{ timeoutMs: timeout, signal: abort.signal },
      onProgress: () => how === 'cancelled' && abort.abort(),
      onLateAnswer: (answer: object) => void late.push(answer),
    };
    const [ms, lateMs] = [60_000, CANCEL_GRACE_MS + 200];
    const call = connection.callTool('sleep', { ms, lateMs }, options);
    await expect(call).rejects.toMatchObject(expected);
    await until('the late answer', () => late.length > 0);
    expect(late).toEqual([{ content: [{ type: 'text', text: `slept ${ms} ms` }] }]);
    expect(await text(connection, 'echo', { text: 'on' })).toEqual([{ type: 'text', text: 'on' }]);
  });

  test('does not know what became of a cancelled call whose server dies before it answers', async () => {
    const connection = await host.open(stdioSpec());
    const abort = new AbortController();
    const onProgress = () => {
      abort.abort();
      process.kill(connection.pid ?? 0, 'SIGKILL');
    };
    const options = { timeoutMs, signal: abort.signal, onProgress };
    const call = connection.callTool('sleep', { ms: 60_000 }, options);
    await expect(call).rejects.toMatchObject({ kind: 'cancelled', cancel: 'lost' });
  });

  test('gives a call up as lost when its time is over', async () => {
    const connection = await host.open(stdioSpec());
    const call = connection.callTool('sleep', { ms: 60_000 }, { timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({
      kind: 'lost',
      errorClass: 'timeout',
      message: 'no answer within 50 ms',
    });
  });

  test('loses the call in which the server exits, and tells why it did', async () => {
    const connection = await host.open(stdioSpec());
    await expect(text(connection, 'crash')).rejects.toMatchObject({
      kind: 'lost',
      errorClass: 'crash',
    });
    const why = await connection.closed;
    expect(why).toMatchObject({ code: 'SERVER_EXITED' });
    expect(why.message).toBe('"tiny" exited with code 7; its last output:\ncrashing as asked');
    expect(connection.exitStatus).toEqual({ code: 7, signal: null });
    await expect(text(connection, 'echo')).rejects.toMatchObject({ kind: 'not-sent' });
    expect(host.groups.size).toBe(0);
  });

  test('tells that the server was killed', async () => {
    const connection = await host.open(stdioSpec());
    process.kill(connection.pid ?? 0, 'SIGKILL');
    expect((await connection.closed).message).toBe('"tiny" was killed by SIGKILL');
  });

  test('carries large arguments and results', async () => {
    const connection = await host.open(stdioSpec());
    const long = 'é'.repeat(2_000_000);
    expect(await text(connection, 'echo', { text: long })).toEqual([{ type: 'text', text: long }]);
  });

  test('skips junk on stdout', async () => {
    const connection = await host.open(stdioSpec({ JUNK: '1' }));
    expect(await text(connection, 'echo', { text: 'ok' })).toEqual([{ type: 'text', text: 'ok' }]);
  });

  test('goes on while the server floods stderr', async () => {
    const connection = await host.open(stdioSpec({ FLOOD_STDERR: '1' }));
    for (let call = 0; call < 20; call++) await text(connection, 'echo', { text: '' });
    expect(host.log.tail(1_000).length).toBeLessThanOrEqual(200);
  });

  test('masks secrets that the server prints', async () => {
    const connection = await host.open(stdioSpec({ SECRET }));
    await text(connection, 'printSecret');
    await connection.close(1_000);
    expect(host.log.tail(1)).toEqual(['the secret is ***']);
    await host.log.close();
    expect(readFileSync(join(host.folder, 'server.log'), 'utf8')).toBe('the secret is ***\n');
  });

  test('gives the server its own environment and not that of the host', async () => {
    process.env.HOST_ONLY = 'secret';
    const connection = await host.open(stdioSpec({ GIVEN: '12345' }));
    delete process.env.HOST_ONLY;
    const seen = async (name: string) => JSON.stringify(await text(connection, 'env', { name }));
    expect(await seen('HOST_ONLY')).toContain('\\"present\\":false');
    expect(await seen('GIVEN')).toContain('\\"length\\":5');
    expect(await seen('PATH')).toContain('\\"present\\":true');
  });
});

describe('a stdio server of the modern era', () => {
  let host: TestHost;
  beforeEach(() => (host = createTestHost()));
  afterEach(() => host.close());
  const spec = stdioSpec();
  const modern = { ...spec, process: { ...spec.process, args: [fixture('modern-server.js')] } };

  test.each(['auto', 'modern'] as const)('is connected with protocol %s', async (protocol) => {
    const connection = await host.open({ ...modern, protocol });
    expect(connection).toMatchObject({ era: 'modern', protocolVersion: '2026-07-28' });
    expect((await connection.listTools()).tools).not.toHaveLength(0);
    const result = await connection.callTool('add', { a: 1, b: 2 }, { timeoutMs });
    expect(result).toMatchObject({ structuredContent: { sum: 3 } });
    expect(await connection.ping(timeoutMs)).toBeGreaterThan(0);
    expect(host.groups).toEqual(new Set([connection.pid]));
  });

  test('refuses the legacy handshake', async () => {
    await expect(host.open({ ...modern, protocol: 'legacy' })).rejects.toMatchObject({
      code: 'HANDSHAKE_FAILED',
    });
    expect(host.groups.size).toBe(0);
  });
});

describe('closing a stdio connection', () => {
  let host: TestHost;
  beforeEach(() => (host = createTestHost()));
  afterEach(() => host.close());

  test('lets the server end by itself', async () => {
    const connection = await host.open(stdioSpec());
    await connection.close(5_000);
    expect(connection.exitStatus).toEqual({ code: 0, signal: null });
    expect(host.groups.size).toBe(0);
  });

  test('uses SIGTERM on a server that ignores the end of its stdin', async () => {
    const connection = await host.open(stdioSpec({ IGNORE_EOF: '1' }));
    await connection.close(5_000);
    expect(connection.exitStatus).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('kills a server that ignores everything, when the grace is over', async () => {
    const connection = await host.open(stdioSpec({ IGNORE_EOF: '1', IGNORE_TERM: '1' }));
    await connection.close(200);
    expect(connection.exitStatus).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('leaves no grandchild behind', async () => {
    const pidFile = join(host.folder, 'grandchild.pid');
    const connection = await host.open(stdioSpec({ SPAWN_GRANDCHILD: pidFile }));
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive({ pid })).toBe(true);
    await connection.close(200);
    expect(isAlive({ pid })).toBe(false);
  });

  test('ends a server behind a wrapper', async () => {
    const args = [process.execPath, fixture('tiny-server.js')];
    const spec = stdioSpec();
    const wrapped = { ...spec.process, command: fixture('wrapper.sh'), args };
    const connection = await host.open({ ...spec, process: wrapped });
    await connection.close(5_000);
    expect(connection.exitStatus).toEqual({ code: 0, signal: null });
  });

  test('ends a call in flight as lost', async () => {
    const connection = await host.open(stdioSpec());
    const call = connection.callTool('sleep', { ms: 60_000 }, { timeoutMs: 60_000 });
    const lost = expect(call).rejects.toMatchObject({ kind: 'lost' });
    await connection.kill();
    await lost;
  });

  test('is done once, however often it is asked for', async () => {
    const connection = await host.open(stdioSpec());
    await Promise.all([connection.close(1_000), connection.close(1_000), connection.kill()]);
    expect(host.groups.size).toBe(0);
  });
});

describe('opening a stdio connection', () => {
  let host: TestHost;
  beforeEach(() => (host = createTestHost([SECRET])));
  afterEach(async () => {
    expect(host.groups.size).toBe(0);
    await host.close();
  });

  const shortly = { timeouts: { ...stdioSpec().timeouts, startMs: 300 } };

  test('tells the exit code and the last output of a server that exits at once', async () => {
    await expect(host.open(stdioSpec({ EXIT_AT_START: '9' }))).rejects.toMatchObject({
      code: 'SERVER_EXITED',
      message:
        '"tiny" exited with code 9; its last output:\nstarting\ncannot start: EXIT_AT_START is set',
    });
  });

  test('gives up on a server that never answers', async () => {
    await expect(host.open(stdioSpec({ HANG_HANDSHAKE: '1' }, shortly))).rejects.toMatchObject({
      code: 'HANDSHAKE_TIMEOUT',
      message: '"tiny" did not finish the handshake within 300 ms',
    });
  });

  test('shows the junk of a server that prints only that', async () => {
    // Long enough for the junk to arrive on a busy machine.
    const timeouts = { ...shortly.timeouts, startMs: 2_000 };
    const open = host.open(stdioSpec({ JUNK_ONLY: '1' }, { timeouts }));
    await expect(open).rejects.toThrow(/its output on stdout:\nWelcome to tiny-server!/);
  });

  test('gives up at once on a server that speaks with headers', async () => {
    const open = host.open(stdioSpec({ FRAMING: 'headers' }));
    await expect(open).rejects.toMatchObject({
      code: 'HANDSHAKE_FAILED',
      message: expect.stringContaining('Content-Length header before each message') as string,
    });
  });

  test('names the id of an answer that is nobody’s', async () => {
    const open = host.open(stdioSpec({ ANSWER_ID: '"other"' }));
    await expect(open).rejects.toThrow('has the id "other", which matches no request');
  });

  test('shows in the log what it skips on stdout', async () => {
    await host.open(stdioSpec({ JUNK: '1' }));
    expect(host.log.tail(5).join('\n')).toContain('skipped on stdout: Welcome to tiny-server!');
    await host.close();
  });

  test('refuses a command that does not exist', async () => {
    const spec = stdioSpec();
    const missing = { ...spec.process, command: 'nodee' };
    const open = host.open({ ...spec, process: missing });
    await expect(open).rejects.toThrow(/"nodee" is not on PATH .*did you mean "node"/);
  });

  test('kills the server at once when it is aborted', async () => {
    const abort = new AbortController();
    const open = host.open(stdioSpec({ HANG_HANDSHAKE: '1' }), {
      signal: abort.signal,
      onSpawn: () => setTimeout(() => abort.abort(new Error('no longer wanted')), 50),
    });
    await expect(open).rejects.toThrow('no longer wanted');
  });

  test('tells what a server answered that refuses the handshake in both eras', async () => {
    const open = host.open(stdioSpec({ MODERN_ONLY: '1' }));
    await expect(open).rejects.toMatchObject({ code: 'HANDSHAKE_FAILED' });
  });
});
