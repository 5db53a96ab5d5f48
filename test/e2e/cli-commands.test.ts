import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Info } from '../../src/cli/text/info-text';
import { type ErrorReport } from '../../src/base/errors';
import { type CallOutcome } from '../../src/domain/calls/calls';
import { type StoredEvent } from '../../src/domain/events';
import { type ValidationReport } from '../../src/domain/servers/validation';
import { type ServerStatus, type ServerSummary } from '../../src/domain/servers/status';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';

const tiny = { command: process.execPath, args: [fixture('tiny-server.js')] };

let instance: TestInstance;

beforeAll(async () => {
  instance = await startInstance({ config: { tiny }, gateway: true });
});

/** The error of a command, which must have ended with 1. */
const failure = async (...args: string[]): Promise<ErrorReport> => {
  const { code, json } = await instance.cli<{ error: ErrorReport }>(...args, '--json');
  expect(code).toBe(1);
  return json.error;
};

describe('mainspring, the command line', () => {
  it('lists the servers, and does so without a command too', async () => {
    const listed = await instance.cli<ServerSummary[]>('list', '--json');
    expect(listed.code).toBe(0);
    expect(Object.keys(listed.json[0] ?? {})).toEqual([
      ...['name', 'type', 'state', 'health', 'enabled', 'generation', 'host', 'pid'],
      ...['uptimeMs', 'latencyMs', 'tools', 'reason', 'breaker', 'blockedTools'],
    ]);
    expect(listed.json[0]).toMatchObject({ name: 'tiny', type: 'stdio', state: 'RUNNING' });
    const bare = await instance.cli();
    expect(bare.stdout).toMatch(
      /^Name +Type +State +Health +Uptime +Latency +Tools\ntiny +stdio +RUNNING/,
    );
    expect(bare.stdout).not.toContain('\x1b');
  });

  it('lists the servers that are meant, and marks what keeps calls from them', async () => {
    const listed = async (...args: string[]) => (await instance.cli('list', ...args)).stdout;
    expect(await listed('--state', 'running,error', '--type', 'stdio')).toContain('tiny');
    expect(await listed('--tag', 'nobody')).toMatch(/^No servers match/);
    await instance.cli('breaker', 'tiny', 'open');
    expect(await listed('--sort', 'latency')).toMatch(/Notes\ntiny .* circuit open$/m);
    const { json } = await instance.cli<ServerSummary[]>('list', '--health', 'healthy', '--json');
    expect(json).toMatchObject([{ breaker: { state: 'open' }, blockedTools: [] }]);
    const watch = instance.spawn(['list', '--watch', '--interval', '200ms', '--json']);
    let seen = '';
    watch.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await until('the first look', () => seen.includes('circuit open'));
    await instance.cli('breaker', 'tiny', 'close');
    await until('the change', () => seen.split('\n').length > 2);
    const ended = new Promise((resolve) => watch.once('close', resolve));
    watch.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(JSON.parse(seen.split('\n')[1] ?? '')).toMatchObject({
      from: { state: 'RUNNING', marks: ['circuit open'] },
      to: { state: 'RUNNING', marks: [] },
    });
  });

  it('tells where the instance is', async () => {
    const { json } = await instance.cli('info', '--json');
    expect(json).toEqual({
      home: instance.home,
      version: expect.any(String) as string,
      temporal: { address: expect.stringMatching(/:\d+$/) as string, namespace: 'default' },
      mcp: { url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/) as string },
      pids: {
        ...{ up: expect.any(Number) as number, temporal: expect.any(Number) as number },
        worker: expect.any(Number) as number,
        hosts: { [path.basename(instance.folder)]: expect.any(Number) as number },
        api: expect.any(Number) as number,
      },
    });
    expect(await failure('ui')).toMatchObject({
      code: 'NOT_RUNNING',
      fix: expect.stringContaining('--no-ui') as string,
    });
  });

  it('calls a tool with pairs or JSON and gives the outcome, its ids and times', async () => {
    const called = await instance.cli<CallOutcome>('call', 'tiny', 'add', 'a=2', 'b=3', '--json');
    expect(called.code).toBe(0);
    expect(called.json).toEqual({
      ...{ server: 'tiny', tool: 'add', outcome: 'ok' },
      attempts: 1,
      callId: expect.stringMatching(/^call\/tiny\//) as string,
      correlationId: expect.any(String) as string,
      result: { content: [{ type: 'text', text: '5' }], structuredContent: { sum: 5 } },
      ...{ queuedMs: expect.any(Number) as number, ranMs: expect.any(Number) as number },
    });
    const plain = await instance.cli('call', 'tiny', 'echo', '{"text": "hello"}');
    expect(plain.stdout).toBe('hello\n');
    expect(plain.stderr).toMatch(/^ok in .*call\/tiny\/.*correlation/);
  });

  it('keeps text that looks like a number when the schema asks for text', async () => {
    const { stdout } = await instance.cli('call', 'tiny', 'echo', 'text=01234');
    expect(stdout).toBe('01234\n');
  });

  it('ends with 1 for an error of the tool and with 3 when the outcome is unknown', async () => {
    const failed = await instance.cli<CallOutcome>('call', 'tiny', 'fail', '--json');
    expect([failed.code, failed.json.outcome]).toEqual([1, 'tool_error']);
    const lost = await instance.cli<CallOutcome>('call', 'tiny', 'crash', '--json');
    expect([lost.code, lost.json.outcome]).toEqual([3, 'unknown']);
    expect(lost.json.error?.code).toBe('OUTCOME_UNKNOWN');
  });

  it('runs a key once', async () => {
    const args = ['call', 'tiny', 'sleep', 'ms=1', '--key', 'once', '--json'];
    const [first, second] = [await instance.cli(...args), await instance.cli(...args)];
    expect(second.json).toEqual({
      ...(first.json as object),
      correlationId: (second.json as CallOutcome).correlationId,
    });
    expect(
      await failure('call', 'tiny', 'sleep', 'ms=2', '--key', 'once', '--async'),
    ).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });

  it('submits with --async, and another process waits for the result', async () => {
    const { stdout } = await instance.cli('call', 'tiny', 'sleep', 'ms=500', '--async');
    const id = stdout.trim();
    const { code, json } = await instance.cli<CallOutcome>('result', id, '--json');
    expect(code).toBe(0);
    expect(json).toMatchObject({ callId: id, outcome: 'ok', tool: 'sleep' });
    const calls = await instance.cli<CallOutcome[]>('calls', 'tiny', '--json');
    expect(calls.json.map(({ callId }) => callId)).toContain(id);
  });

  it('cancels a call', async () => {
    const { stdout } = await instance.cli(
      'call',
      'tiny',
      'sleepAnswersCancel',
      'ms=60000',
      '--async',
    );
    const id = stdout.trim();
    await until('the call runs', async () => {
      const calls = await instance.client.calls.list();
      return calls.some(({ callId, status }) => callId === id && status === 'running');
    });
    const { code, json } = await instance.cli<CallOutcome>('cancel', id, '--json');
    expect([code, json.outcome]).toEqual([0, 'cancelled']);
    expect(await failure('cancel', 'call/tiny/none')).toMatchObject({ code: 'UNKNOWN_CALL' });
  });

  it('answers a batch in its order, with the worst exit code', async () => {
    const file = path.join(instance.folder, 'batch.json');
    const batch = [
      { server: 'tiny', tool: 'sleep', args: { ms: 200 } },
      { server: 'tiny', tool: 'echo', args: { text: 1 } },
      { server: 'nobody', tool: 'echo' },
      { server: 'tiny', tool: 'fail', args: {} },
      { server: 'tiny', tool: 'echo', args: { text: 'last' }, key: 'batch-1' },
    ];
    writeFileSync(file, JSON.stringify(batch));
    const { code, json } = await instance.cli<CallOutcome[]>(
      ...['call', '--batch', file, '--parallel', '2', '--json'],
    );
    expect(code).toBe(1);
    expect(json.map(({ outcome, error }) => error?.code ?? outcome)).toEqual([
      ...['ok', 'INVALID_ARGUMENTS', 'UNKNOWN_SERVER', 'TOOL_ERROR', 'ok'],
    ]);
    writeFileSync(file, '[{"server": "tiny"}]');
    expect(await failure('call', '--batch', file)).toMatchObject({ code: 'INVALID_CONFIG' });
    writeFileSync(file, '[{');
    expect(await failure('call', '--batch', file)).toMatchObject({ code: 'INVALID_JSON' });
  });

  it('stops, starts and restarts with the final state, a correlation id and the time it took', async () => {
    type Changed = ServerStatus & { correlationId: string; tookMs: number };
    for (const [command, state] of [
      ['stop', 'STOPPED'],
      ['start', 'RUNNING'],
      ['restart', 'RUNNING'],
    ] as const) {
      const { code, json } = await instance.cli<Changed>(command, 'tiny', '--json');
      expect([code, json.state]).toEqual([0, state]);
      expect(json.tookMs).toBeGreaterThan(0);
      const events = await instance.cli<StoredEvent[]>('events', 'tiny', '--json');
      expect(events.json.map(({ correlationId }) => correlationId)).toContain(json.correlationId);
    }
  });

  it('shows what is possible now, and refuses the rest', async () => {
    const { json } = await instance.cli<ServerStatus>('status', 'tiny', '--json');
    expect(json.possible).toEqual([
      ...['stop', 'restart', 'disable', 'remove', 'reload', 'quarantine', 'maintenance on'],
    ]);
    const { stdout } = await instance.cli('status', 'tiny');
    expect(stdout).toMatch(/State: +RUNNING: ready again$/m);
    expect(stdout).toMatch(/Command: +.*node \S*tiny-server.js$/m);
    expect(stdout).toContain(`Directory:   ${instance.folder}\n`);
    expect(stdout).toMatch(/^ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z tiny/m);
    expect(stdout).toMatch(/Actions: +stop, restart, disable, remove, reload/);
    expect(await failure('release', 'tiny')).toMatchObject({
      code: 'TRANSITION_REFUSED',
      message: expect.stringContaining('RUNNING') as string,
    });
  });

  it('starts what runs and stops what is stopped without an error', async () => {
    const { pid } = await instance.client.servers.get('tiny');
    const started = await instance.cli('start', 'tiny');
    expect([started.code, started.stdout]).toEqual([
      0,
      expect.stringMatching(/^tiny is already running:/) as string,
    ]);
    expect(await instance.client.servers.get('tiny')).toMatchObject({ state: 'RUNNING', pid });
    await instance.client.servers.add('idle', tiny, { start: false });
    const stopped = await instance.cli<{ already: boolean }>('stop', 'idle', '--json');
    expect([stopped.code, stopped.json]).toEqual([
      0,
      expect.objectContaining({ state: 'STOPPED', already: true }) as unknown,
    ]);
  });

  it('commands many servers at once, with a row for each', async () => {
    await instance.client.servers.add('night', { ...tiny, tags: ['nightly'] }, { start: false });
    interface Many {
      servers: { name: string; ok: boolean; state?: string; already?: boolean }[];
      leftAlone: { name: string; reason: string }[];
      correlationId: string;
    }
    const rowsOf = ({ servers }: Many) => servers.map(({ name, ok, state }) => [name, ok, state]);
    const mixed = await instance.cli<Many>('start', 'night', 'nowhere', 'tiny', '--json');
    expect([mixed.code, rowsOf(mixed.json)]).toEqual([
      1,
      [
        ['night', true, 'RUNNING'],
        ['nowhere', false, undefined],
        ['tiny', true, 'RUNNING'],
      ],
    ]);
    const tagged = await instance.cli<Many>('stop', '--tag', 'nightly', '--json');
    expect([tagged.code, rowsOf(tagged.json)]).toEqual([0, [['night', true, 'STOPPED']]]);
    expect(tagged.json.correlationId).not.toBe('');
    const all = await instance.cli<Many>('restart', '--all', '--json');
    expect([all.code, rowsOf(all.json), all.json.leftAlone]).toEqual([
      0,
      [['tiny', true, 'RUNNING']],
      [
        { name: 'idle', reason: 'it is stopped' },
        { name: 'night', reason: 'it is stopped' },
      ],
    ]);
    for (const args of [[], ['tiny', '--all'], ['--tag', 'daily']]) {
      const wrong = await instance.cli('stop', ...args, '--json');
      expect(wrong).toMatchObject({ code: 2, json: { error: { code: 'WRONG_USAGE' } } });
    }
    for (const name of ['idle', 'night']) await instance.client.servers.remove(name);
  });

  it('disables and enables a server', async () => {
    const disabled = await instance.cli<ServerStatus>('disable', 'tiny', '--json');
    expect(disabled.json).toMatchObject({ enabled: false, state: 'STOPPED' });
    expect(await failure('start', 'tiny')).toMatchObject({ code: 'SERVER_DISABLED' });
    const refused = await instance.cli<CallOutcome>('call', 'tiny', 'echo', 'text=x', '--json');
    expect(refused.json).toMatchObject({ outcome: 'failed', error: { code: 'SERVER_DISABLED' } });
    expect(refused.json.correlationId).not.toBe('');
    const enabled = await instance.cli<ServerStatus>('enable', 'tiny', '--json');
    expect(enabled.json.enabled).toBe(true);
    const [last] = (await instance.cli<StoredEvent[]>('events', 'tiny', '--json')).json.slice(-1);
    expect(last?.reason).toBe('reloaded: enabled');
    await instance.cli('start', 'tiny');
  });

  it('adds a server whose own --json and --help stay its own, and removes it', async () => {
    const args = ['--', ...[tiny.command, ...tiny.args], '--json', '--help'];
    const added = await instance.cli<ServerStatus>(
      'add',
      'second',
      '--tag',
      'blue',
      '--json',
      ...args,
    );
    expect(added.code).toBe(0);
    expect(added.json).toMatchObject({ name: 'second', state: 'RUNNING', tags: ['blue'] });
    const plain = await instance.cli('add', 'third', '--no-start', ...args);
    expect(plain.stdout).toMatch(/^Added third: STOPPED/);
    const removed = await instance.cli('remove', 'second', '--json');
    expect(removed.json).toMatchObject({ removed: 'second' });
    await instance.cli('remove', 'third');
    const refused = await instance.cli<CallOutcome>('call', 'second', 'echo', 'text=x', '--json');
    expect(refused.json.error?.code).toBe('UNKNOWN_SERVER');
    expect(await failure('status', 'second')).toMatchObject({ code: 'UNKNOWN_SERVER' });
  });

  it('reloads a server whose config has changed', async () => {
    const config = { mcpServers: { tiny: { ...tiny, env: { TOOLS_VERSION: '2' } } } };
    writeFileSync(instance.configFile, JSON.stringify(config));
    const { json } = await instance.cli<ServerStatus>('reload', 'tiny', '--json');
    expect(json).toMatchObject({ state: 'RUNNING', serverInfo: { version: '2' } });
    const tools = await instance.cli<{ name: string }[]>('tools', 'tiny', '--json');
    expect(tools.json.map(({ name }) => name)).toContain('added_in_2');
    const all = await instance.cli<ServerSummary[]>('reload', '--all', '--json');
    expect(all.json).toMatchObject([{ name: 'tiny', state: 'RUNNING' }]);
  });

  it('keeps free metadata', async () => {
    await instance.cli('meta', 'tiny', 'owner=ada');
    const set = await instance.cli('meta', 'tiny', 'size=3', '--json');
    expect(set.json).toEqual({ owner: 'ada', size: 3 });
    expect((await instance.cli('meta', 'tiny', 'owner', '--json')).json).toBe('ada');
    expect((await instance.cli('meta', 'tiny', 'owner=', '--json')).json).toEqual({ size: 3 });
  });

  it('follows logs and events, a document per line, until Ctrl-C', async () => {
    await instance.cli('call', 'tiny', 'printSecret');
    for (const command of ['logs', 'events']) {
      const child = instance.spawn([command, 'tiny', '--follow', '--json']);
      let text = '';
      child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const ended = new Promise((resolve) => child.once('close', resolve));
      await until(`the first line of ${command}`, () => text.includes('\n'));
      child.kill('SIGINT');
      expect(await ended).toBe(0);
      for (const line of text.trim().split('\n')) expect(JSON.parse(line)).toBeTruthy();
    }
    const logs = await instance.cli<string[]>('logs', 'tiny', '--tail', '1', '--json');
    expect(logs.json).toHaveLength(1);
  });

  it('clears events', async () => {
    const { json } = await instance.cli<{ cleared: number }>('events', 'tiny', '--clear', '--json');
    expect(json.cleared).toBeGreaterThan(0);
    expect((await instance.cli('events', 'tiny', '--json')).json).toEqual([]);
  });

  it('prints exactly one document and ends on Ctrl-C while it waits', async () => {
    const waiting = [
      ['call', 'tiny', 'sleep', 'ms=60000'],
      ['start', 'hang'],
    ];
    await instance.client.servers.add(
      'hang',
      { ...tiny, env: { HANG_HANDSHAKE: '1' } },
      { start: false },
    );
    for (const args of waiting) {
      const child = instance.spawn([...args, '--json']);
      let text = '';
      child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const ended = new Promise((resolve) => child.once('close', resolve));
      await until('it waits', () => isWaiting(args));
      child.kill('SIGINT');
      expect(await ended).toBe(130);
      expect(JSON.parse(text)).toMatchObject({ error: { code: 'COMMAND_INTERRUPTED' } });
    }
  });

  it('goes to a reader that has seen enough without noise', async () => {
    const child = instance.spawn(['tools', 'tiny', '--json']);
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout?.destroy();
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, stderr]).toEqual([0, '']);
  });

  it('refuses a second up on the same data directory; detached, the running one is what was wanted', async () => {
    const { json: info } = await instance.cli<Info>('info', '--json');
    expect(await failure('up')).toMatchObject({ code: 'ALREADY_RUNNING' });
    const file = path.join(instance.folder, 'more.json');
    writeFileSync(file, JSON.stringify({ mcpServers: { more: { ...tiny, autostart: false } } }));
    const again = await instance.cli('up', '--detach', '--config', file, '--json');
    expect([again.code, again.json]).toEqual([0, info]);
    expect(again.stderr).toMatch(/^Mainspring is already running on .*\nAdded more$/m);
    expect((await instance.cli('status', 'more')).code).toBe(0);
  });

  it('shows nothing when nothing is wanted', async () => {
    for (const none of [
      ['logs', 'tiny', '--tail', '0'],
      ['events', '--limit', '0'],
      ['calls', '--limit', '0'],
    ]) {
      expect((await instance.cli(...none, '--json')).json).toEqual([]);
      expect((await instance.cli(...none)).stdout).not.toMatch(/nothing|No (events|calls)/);
    }
  });

  it('tells a refusal with the server, the time it took and the id of its events', async () => {
    const refused = await instance.cli('restart', 'nobody', '--json');
    expect([refused.code, refused.json]).toEqual([
      1,
      {
        error: expect.objectContaining({ code: 'UNKNOWN_SERVER' }) as object,
        server: 'nobody',
        correlationId: expect.any(String) as string,
        tookMs: expect.any(Number) as number,
      },
    ]);
    const broken = ['add', 'broken', '--json', '--', process.execPath, '-e', 'process.exit(1)'];
    const { json } = await instance.cli<{ server: string; correlationId: string }>(...broken);
    expect(json.server).toBe('broken');
    const events = await instance.cli<StoredEvent[]>('events', 'broken', '--json');
    expect(events.json.map(({ correlationId }) => correlationId)).toContain(json.correlationId);
    await instance.cli('remove', 'broken');
    const taken = await instance.cli<{ error: ErrorReport }>(
      ...['add', 'tiny', '--json', '--', process.execPath, fixture('tiny-server.js')],
    );
    expect(taken.json.error).toMatchObject({
      code: 'NAME_TAKEN',
      message: expect.stringMatching(/from .*servers\.json\); .* command line/) as string,
      fix: expect.stringContaining('mainspring remove tiny.') as string,
    });
    const unnamed = await instance.cli('add', '--json', '--', 'node', 'x.js');
    expect(unnamed.code).toBe(2);
    expect(unnamed.stdout).toContain('mainspring add <name> -- node x.js');
    expect(await failure('agent', 'show', 'x')).toMatchObject({
      ...{ code: 'UNKNOWN_PROFILE', message: 'There is no agent "x".' },
      fix: 'List the agents: mainspring agent list.',
    });
  });

  it('tries a server quickly', async () => {
    const { code, json } = await instance.cli<{ servers: ValidationReport[] }>(
      ...['test', 'tiny', '--json'],
    );
    expect(code).toBe(0);
    const names = json.servers[0]?.checks.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['start', 'handshake']));
    expect(names).not.toContain('load');
  });

  const isWaiting = async ([command]: string[]) => {
    if (command === 'start')
      return (await instance.client.servers.get('hang')).state === 'STARTING';
    const calls = await instance.client.calls.list();
    return calls.some(({ tool, status }) => tool === 'sleep' && status === 'running');
  };
});
