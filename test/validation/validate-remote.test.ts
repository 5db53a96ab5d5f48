import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { type ServerSpec } from '../../src/domain/spec';
import { type ValidationReport } from '../../src/domain/servers/validation';
import { openConnection } from '../../src/mcp/session/connection';
import { isGroupAlive } from '../../src/process/group-liveness';
import { validateServer } from '../../src/validation/validate-server';
import { createTestHost, fixture, stdioSpec, type TestHost, urlSpec } from '../mcp/harness';

const CALLS = [{ tool: 'echo', arguments: { text: 'hello' }, expect: 'hello' }];

let host: TestHost;
const groups: number[] = [];
const remotes: ChildProcess[] = [];

beforeEach(() => {
  host = createTestHost();
});
afterEach(async () => {
  for (const remote of remotes.splice(0)) {
    remote.kill();
    await once(remote, 'exit');
  }
  expect(groups.splice(0).filter((pgid) => isGroupAlive(pgid))).toEqual([]);
  await host.close();
});

/** A server in a process of its own, as if on another machine. */
async function startRemote(env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, [fixture('http-server.js')], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  remotes.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^listening (\d+)$/.exec(line)?.[1];
    if (port) return `http://127.0.0.1:${port}/mcp`;
  }
  throw new Error('it did not start');
}

async function validate(spec: ServerSpec): Promise<Record<string, string>> {
  const { signal } = new AbortController();
  const start = (wanted: ServerSpec, aborted: AbortSignal) =>
    openConnection(wanted, {
      hostId: 'test-host',
      log: host.log,
      signal: aborted,
      onSpawn: (pgid) => groups.push(pgid),
    });
  return saidBy(await validateServer({ spec, start }, { signal }));
}

function saidBy({ checks }: ValidationReport): Record<string, string> {
  return Object.fromEntries(
    checks.map(({ name, status, detail }) => [name, `${status}: ${detail}`]),
  );
}

test.each(['legacy', 'modern'])('a remote server of the %s era', async (ERA) => {
  const url = await startRemote({ ERA });
  const said = await validate(urlSpec('http', url, { validation: { calls: CALLS } }));
  for (const check of ['start', 'handshake', 'tools', 'calls', 'unknown-tool', 'load', 'restart']) {
    expect(`${check} ${said[check]}`).toMatch(/^\S+ (passed|warning)/);
  }
  expect(said['unknown-method']).toMatch(/^passed/);
  for (const check of ['memory', 'junk', 'stdout', 'shutdown', 'credential']) {
    expect(`${check} ${said[check]}`).toMatch(/^\S+ skipped/);
  }
});

test('a remote server is not put under load when no call is declared safe', async () => {
  const said = await validate(urlSpec('http', await startRemote()));
  expect(said['load']).toMatch(/^skipped: remote server/);
});

test('a remote server refuses who has not got the credential', async () => {
  const url = await startRemote({ TOKEN: 'let-me-in' });
  const remote = { url, headers: { Authorization: 'Bearer let-me-in' } };
  const validation = { calls: CALLS, credential: 'Authorization' };
  const said = await validate(urlSpec('http', url, { remote, validation }));
  expect(said['calls']).toMatch(/^passed/);
  expect(said['credential']).toMatch(/^passed: without Authorization it does not start/);
});

test('nobody listens', async () => {
  const said = await validate(urlSpec('http', `http://127.0.0.1:${await freePort()}/mcp`));
  expect(said['start']).toMatch(/^failed/);
});

test('a program of ours that listens on a port', async () => {
  const port = await freePort();
  const { process: owned } = stdioSpec({ PORT: String(port) });
  const spec = urlSpec('http', `http://127.0.0.1:${port}/mcp`, {
    process: { ...owned, args: [fixture('http-server.js')] },
  });
  const said = await validate(spec);
  expect(said['load']).toMatch(/50 of 50 succeeded$/); // how fast depends on what else this machine does
  expect(said['memory']).toMatch(/^passed/);
  expect(said['shutdown']).toMatch(/^passed: exited on SIGTERM/);
  expect(said['restart']).toMatch(/^passed/);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
