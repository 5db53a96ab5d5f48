import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, link, mkdir, symlink } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { type Instance, writeInstance } from '../../../src/offline/instance';
import { MainspringError } from '../../../src/base/errors';
import { apiSocket, claimSocket } from '../../../src/process/unix-socket';
import { useTemporaryFolder } from '../../temporary-folder';
import { request, sha256, until, useFronts } from '../http/front-harness';

const home = useTemporaryFolder();
const start = useFronts();
const script = path.join(__dirname, 'run-stdio.js');
const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

async function writeApi(apiUrl: string | undefined, isReady = true): Promise<void> {
  const instance: Instance = {
    ...{ version: '0', owner: { pid: process.pid }, isReady, pids: { up: process.pid, hosts: {} } },
    temporal: { address: 'localhost:1', namespace: 'default' },
    ...(apiUrl !== undefined && { apiUrl }),
  };
  await writeInstance(home(), instance);
}

async function startGateway(options: Parameters<typeof start>[0] = {}) {
  const front = await start(options);
  const place = claimSocket(apiSocket(home()));
  await front.front.listenOnSocket(place.path);
  place.publish();
  await writeApi(front.url('').replace(/\/$/, ''));
  return front;
}

/** The command with what it has said. */
function stdio(...args: string[]) {
  const child = spawn(process.execPath, [script, home(), ...args], { stdio: 'pipe' });
  children.push(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (out += String(chunk)));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (err += String(chunk)));
  return {
    child,
    exited: once(child, 'exit'),
    say: (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`),
    heard: () =>
      out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    said: () => err,
  };
}

const call = (id: number, name: string) => request('tools/call', { name, arguments: { id } }, id);

it("serves the SDK's client, which needs no key", async () => {
  const { legacy, setPolicy } = await startGateway();
  setPolicy({ keys: [{ name: 'a', sha256: sha256('a') }] });
  const transport = new StdioClientTransport({
    ...{ command: process.execPath, args: [script, home(), 'files'] },
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  expect((await client.listTools()).tools).toHaveLength(1);
  const { content } = await client.callTool({ name: 'echo', arguments: { a: 1 } });
  expect(content).toEqual([{ type: 'text', text: '{"a":1}' }]);
  expect(legacy.identities).toMatchObject([
    { principal: 'local:test', scope: { kind: 'server', name: 'files' } },
  ]);
  await client.close();
  await until(() => legacy.closes.length > 0);
  expect(legacy.closes).toEqual(['ended']);
});

it('goes on after the gateway was away: same session, same keys, each answer once', async () => {
  const first = await startGateway();
  const { say, heard, exited, child, said } = stdio();
  say(request('initialize', { protocolVersion: '2025-11-25' }, 0));
  await until(() => heard().length === 1);
  say(call(1, 'hold'));
  say(call(2, 'echo'));
  await until(() => heard().length === 2 && first.legacy.held === 1);
  await first.front.close(0);
  say(call(3, 'echo'));
  await until(() => said().includes('reconnecting'));
  const second = await startGateway();
  await until(() => heard().length === 3 && second.legacy.held === 1);
  second.legacy.release();
  await until(() => heard().length === 4);
  expect(heard().map(({ id }) => id)).toEqual([0, 2, 3, 1]);
  expect([...second.legacy.sessions]).toEqual(['session-1']);
  const [again] = second.legacy.seen;
  expect(again).toEqual(first.legacy.seen.find((message) => 'id' in message && message.id === 1));
  expect(again).toMatchObject({
    params: { _meta: { 'mainspring/idempotencyKey': expect.stringMatching(/^stdio\//) as string } },
  });
  child.stdin.end();
  expect(await exited).toEqual([0, null]);
});

it('answers what is in flight before it ends, when its client has closed stdin', async () => {
  const { legacy } = await startGateway();
  const { say, heard, exited, child } = stdio();
  say(call(1, 'hold'));
  child.stdin.end(JSON.stringify(call(2, 'echo'))); // without a line end
  await until(() => legacy.held === 1);
  await until(() => heard().length === 1);
  legacy.release();
  expect(await exited).toEqual([0, null]);
  expect(heard().map(({ id }) => id)).toEqual([2, 1]);
});

it('ends at once when it is told to', async () => {
  const { legacy } = await startGateway();
  const { say, heard, exited, child } = stdio();
  say(call(1, 'never'));
  await until(() => legacy.seen.length === 1);
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(heard()).toEqual([]);
  await until(() => legacy.closes.length === 1);
});

it('ends when nobody reads its answers', async () => {
  const { legacy } = await startGateway();
  const { say, exited, child } = stdio();
  say(call(1, 'hold'));
  await until(() => legacy.held === 1);
  child.stdout.destroy();
  legacy.release();
  expect(await exited).toEqual([0, null]);
});

test.each([
  ['no instance', async () => undefined, 'NOT_RUNNING'],
  ['an instance without a gateway', () => writeApi(undefined), 'NOT_RUNNING'],
])('with %s it says so', async (_what, prepare, code) => {
  await prepare();
  const { exited, said, heard, say } = stdio();
  say(request('ping'));
  expect(await exited).toEqual([1, null]);
  expect(said()).toContain(`Error [${code}]`);
  expect(heard()).toEqual([]);
});

it('says when it is refused, and answers that, too', async () => {
  const { legacy } = await startGateway();
  legacy.open = async () => {
    throw new MainspringError('UNKNOWN_SERVER', 'There is no such server.');
  };
  const { exited, said, heard, say } = stdio();
  say(request('ping'));
  expect(await exited).toEqual([1, null]);
  expect(said()).toContain('Error [UNKNOWN_SERVER]');
  expect(heard()).toMatchObject([{ id: 1, error: { data: { code: 'UNKNOWN_SERVER' } } }]);
});

describe('who listens there', () => {
  it('says nothing to what has taken the port of the gateway', async () => {
    let got = '';
    const thief = net.createServer((socket) => socket.on('data', (data) => (got += String(data))));
    await once(thief.listen(0, '127.0.0.1'), 'listening');
    const { port } = thief.address() as net.AddressInfo;
    await writeApi(`http://127.0.0.1:${port}`);
    const { child, say, exited } = stdio();
    say(request('ping'));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    child.kill('SIGTERM');
    await exited;
    thief.close();
    expect(got).toBe('');
  });

  it('does not go where another user could have put a socket', async () => {
    await startGateway();
    await chmod(home(), 0o755);
    const { exited, said } = stdio();
    expect(await exited).toEqual([1, null]);
    expect(said()).toContain('Error [HOME_UNUSABLE]');
    expect(said()).toContain('is open to other users (mode 755)');
  });

  it('does not follow a link to such a place', async () => {
    const open = path.join(home(), 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    const thief = net.createServer();
    await once(thief.listen(path.join(open, 'x.sock')), 'listening');
    await symlink(path.join(open, 'x.sock'), apiSocket(home()));
    const { exited, said } = stdio();
    expect(await exited).toEqual([1, null]);
    expect(said()).toContain('Error [HOME_UNUSABLE]');
    thief.close();
  });

  it('tells a socket that a killed gateway has left from one that answers', async () => {
    const holder = net.createServer();
    await once(holder.listen(`${apiSocket(home())}.new`), 'listening');
    await link(`${apiSocket(home())}.new`, apiSocket(home()));
    await new Promise((resolve) => holder.close(resolve));
    const { exited, said } = stdio();
    expect(await exited).toEqual([1, null]);
    expect(said()).toContain('Error [NOT_RUNNING]');
  });
});
