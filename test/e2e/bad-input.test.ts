import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CallOutcome } from '../../src/domain/calls/calls';
import { type ErrorReport } from '../../src/base/errors';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';

const SECRET = 'sk-4f9a1c-very-secret-value';
const OTHER_VALUE = 'a-value-of-another-variable';

const tiny: ServerEntry = { command: process.execPath, args: [fixture('tiny-server.js')] };
const broken = (env: Record<string, string>, timeouts?: ServerEntry['timeouts']): ServerEntry => ({
  ...tiny,
  env,
  timeouts,
  restart: { policy: 'never' },
});

let instance: TestInstance;

beforeAll(async () => {
  instance = await startInstance({
    config: { tiny, leaky: { ...tiny, env: { SECRET: '${PLANTED_SECRET}' } } },
    env: { PLANTED_SECRET: SECRET, OTHER_VARIABLE: OTHER_VALUE },
  });
});

/** The other servers must not notice anything. */
afterEach(async () => {
  const { outcome } = await instance.client.callTool('tiny', 'echo', { text: 'still here' });
  expect(outcome).toBe('ok');
});

const call = async (...args: string[]) => {
  const { code, json } = await instance.cli<CallOutcome>('call', ...args, '--json');
  expect(code).toBe(1);
  expect(json.outcome).toBe('failed');
  return json.error;
};

const failure = async (...args: string[]) => {
  const { code, json } = await instance.cli<{ error: ErrorReport }>(...args);
  expect(code).toBe(1);
  expect(json.error.fix).not.toBe('');
  return json.error;
};

const add = async (name: string, entry: ServerEntry): Promise<unknown> =>
  instance.client.servers.add(name, entry).then(
    () => 'it was added',
    (error: unknown) => error,
  );

const saying = (...parts: string[]) =>
  expect.stringMatching(new RegExp(parts.map((part) => `(?=[^]*${part})`).join(''))) as string;

describe('a call', () => {
  it('to an unknown server or tool names the near ones', async () => {
    expect(await call('tinny', 'echo')).toMatchObject({
      code: 'UNKNOWN_SERVER',
      message: saying('"tinny"', 'Did you mean "tiny"'),
    });
    expect(await call('tiny', 'ehco')).toMatchObject({
      code: 'UNKNOWN_TOOL',
      message: saying('"ehco"', 'Did you mean "echo"'),
    });
  });

  it('with arguments against the schema is told the field and what was expected', async () => {
    const args = { size: 'big', count: 0, address: { street: 'x', zip: '1' } };
    expect(await call('tiny', 'order', JSON.stringify(args))).toMatchObject({
      code: 'INVALID_ARGUMENTS',
      message: saying('"size" must be one of "small", "large"', '"count" must be', 'address.zip'),
    });
    expect(await call('tiny', 'echo')).toMatchObject({ message: saying('"text"') });
  });

  it('with bad JSON is told where', async () => {
    const bad = await failure('call', 'tiny', 'echo', '{"text": ', '--json');
    expect(bad).toMatchObject({ code: 'INVALID_JSON' });
    const list = await failure('call', 'tiny', 'echo', '[1]', '--json');
    expect(list).toMatchObject({ code: 'INVALID_JSON', fix: saying('JSON object') });
  });

  it('to a stopped server is refused without waiting', async () => {
    await instance.client.servers.add('idle', tiny, { start: false });
    expect(await call('idle', 'echo', 'text=x', '--queue-timeout', '1h')).toMatchObject({
      code: 'SERVER_NOT_RUNNING',
      fix: saying('mainspring start idle'),
    });
    expect(await failure('release', 'idle', '--json')).toMatchObject({
      code: 'TRANSITION_REFUSED',
      message: saying('STOPPED', 'available commands'),
    });
  });
});

describe('adding a server', () => {
  it.each([
    ['tiny', 'NAME_TAKEN', '"tiny"'],
    ['', 'INVALID_NAME', 'empty'],
    ['x'.repeat(65), 'INVALID_NAME', 'at most 64'],
    ['a b', 'INVALID_NAME', '" "'],
    ['../x', 'INVALID_NAME', ''],
    ['__proto__', 'INVALID_NAME', ''],
  ])('with the name %j is refused: %s', async (name, code, part) => {
    const error = await failure('add', name, '--json', '--', 'node');
    expect(error).toMatchObject({ code, message: saying(part) });
  });

  it('without a command or URL is wrong usage', async () => {
    const { code, json } = await instance.cli<{ error: ErrorReport }>('add', 'x', '--json');
    expect([code, json.error.code]).toEqual([2, 'WRONG_USAGE']);
  });

  it('with a command that does not exist changes nothing', async () => {
    expect(await failure('add', 'x', '--json', '--', 'no-such-program')).toMatchObject({
      code: 'COMMAND_NOT_FOUND',
      message: saying('no-such-program'),
    });
    expect(await failure('status', 'x', '--json')).toMatchObject({ code: 'UNKNOWN_SERVER' });
  });

  it('that exits at once says its last words', async () => {
    expect(await add('exits', broken({ EXIT_AT_START: '4' }))).toMatchObject({
      code: 'SERVER_EXITED',
      message: saying('code 4', 'cannot start: EXIT_AT_START is set'),
    });
  });

  it('that prints junk and nothing else says what it printed', async () => {
    expect(await add('junk-only', broken({ JUNK_ONLY: '1' }, { start: '3s' }))).toMatchObject({
      code: 'HANDSHAKE_TIMEOUT',
      message: saying('Welcome to tiny-server!'),
    });
  });

  it('that prints junk before it speaks works', async () => {
    expect(await add('junk', broken({ JUNK: '1' }))).toBe('it was added');
    expect((await instance.client.callTool('junk', 'echo', { text: 'x' })).outcome).toBe('ok');
  });

  it('that never answers the handshake fails in the time of its spec', async () => {
    expect(await add('hangs', broken({ HANG_HANDSHAKE: '1' }, { start: '1s' }))).toMatchObject({
      code: 'HANDSHAKE_TIMEOUT',
      message: saying('1000 ms'),
    });
  });

  it('with an unset variable names it, and no value of another one', async () => {
    const error = await add('unset', {
      ...tiny,
      env: { TOKEN: '${NOT_SET_ANYWHERE}', OTHER: '${OTHER_VARIABLE}' },
    });
    expect(error).toMatchObject({ code: 'VARIABLE_UNSET', message: saying('NOT_SET_ANYWHERE') });
    expect(String(error)).not.toContain(OTHER_VALUE);
  });
});

describe('a server', () => {
  it('that floods stderr does not fill the memory of the host', async () => {
    const rss = async () => {
      const [host] = Object.values((await instance.pids()).hosts);
      const status = readFileSync(`/proc/${host ?? 0}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    };
    const before = await rss();
    expect(await add('floods', broken({ FLOOD_STDERR: '1' }))).toBe('it was added');
    const log = path.join(instance.home, 'logs', 'servers', 'floods.log.1');
    await until('the log is rotated', () => readFile(log).catch(() => undefined));
    expect((await instance.client.callTool('floods', 'echo', { text: 'x' })).outcome).toBe('ok');
    expect((await rss()) - before).toBeLessThan(150);
    await instance.client.servers.remove('floods');
  });

  it('that answers with broken frames leaves an unknown outcome, and the host lives', async () => {
    const [host] = Object.values((await instance.pids()).hosts);
    await add('cut', broken({ BROKEN_FRAMES: '1' }));
    const outcome = await instance.client.callTool(
      'cut',
      'echo',
      { text: 'x' },
      { timeoutMs: 1_000 },
    );
    expect(outcome.outcome).toBe('unknown');
    expect(Object.values((await instance.pids()).hosts)).toEqual([host]);
  });

  it('that sends a line of 50 MB loses only that call', async () => {
    const [host] = Object.values((await instance.pids()).hosts);
    await add('huge', broken({ HUGE_LINE: String(50 * 1024 * 1024) }));
    const options = { timeoutMs: 30_000 };
    const outcome = await instance.client.callTool('huge', 'echo', { text: 'x' }, options);
    expect(outcome).toMatchObject({ outcome: 'unknown', error: { code: 'RESULT_TOO_LARGE' } });
    expect(Object.values((await instance.pids()).hosts)).toEqual([host]);
    expect(outcome.error?.message).toMatch(/bytes/);
    await until('the event that says what was refused', async () => {
      const events = await instance.client.events.list({ server: 'huge' });
      return events.some(({ kind, reason }) => kind === 'note' && /refused.*bytes/.test(reason));
    });
    expect(await instance.client.servers.get('huge')).toMatchObject({ state: 'RUNNING' });
  });

  it('that prints its secret does not spread it', async () => {
    await instance.client.callTool('leaky', 'printSecret', {});
    const log = await until('the line is in the log', async () => {
      const { json } = await instance.cli<string[]>('logs', 'leaky', '--json');
      return json.length > 0 && json;
    });
    expect(log.join('\n')).toMatch(/the secret is \S+/);
    await instance.client.callTool('leaky', 'crash', {});
    await instance.client.callTool('leaky', 'echo', { text: 'it is back' });
    const files = await readdir(instance.home, { recursive: true, withFileTypes: true });
    const texts = files
      .filter((file) => file.isFile())
      .map((file) => path.join(file.parentPath, file.name));
    expect(texts.some((file) => file.includes('temporal.db'))).toBe(true);
    for (const file of texts) {
      expect([file, (await readFile(file)).includes(SECRET)]).toEqual([file, false]);
    }
  });
});
