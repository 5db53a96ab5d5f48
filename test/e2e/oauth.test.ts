import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type LoginResult, type LogoutResult } from '../../src/client/logins';
import { type ServerStatus } from '../../src/domain/servers/status';
import { allow, type OAuthServer, startOAuthServer } from '../oauth/servers';
import { REPOSITORY, startInstance, type TestInstance } from './instance';
import { until } from './until';

const ASKERS = 20;

let oauth: OAuthServer;
let instance: TestInstance;
let outputs = '';
const logins: ChildProcessWithoutNullStreams[] = [];

beforeAll(async () => {
  oauth = await startOAuthServer();
  const config = {
    files: { url: oauth.url },
    more: { url: oauth.url, auth: { scopes: ['read'] } },
  };
  instance = await startInstance({ config });
});
afterAll(() => logins.forEach((child) => child.kill('SIGKILL')));

/** What a command says, for the search for tokens at the end. */
async function cli<T>(...args: string[]) {
  const result = await instance.cli<T>(...args);
  outputs += result.stdout + result.stderr;
  return result;
}

interface RunningLogin {
  child: ChildProcessWithoutNullStreams;
  page: string;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** `mainspring login`, up to the page that it prints. */
async function beginLogin(name: string): Promise<RunningLogin> {
  const command = path.join(REPOSITORY, 'bin/mainspring.js');
  const child = spawn(process.execPath, [command, 'login', name, '--no-browser', '--json'], {
    env: { ...process.env, MAINSPRING_HOME: instance.home },
  });
  logins.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Awaited<RunningLogin['ended']>>((resolve) => {
    child.once('close', (code) => {
      outputs += stdout;
      resolve({ code, stdout, stderr });
    });
  });
  await until('the page to log in at', () => stderr.includes('/authorize?'));
  return { child, ended, page: /http\S+\/authorize\?\S+/.exec(stderr)?.[0] ?? '' };
}

async function logIn(name: string): Promise<LoginResult> {
  const { page, ended } = await beginLogin(name);
  await fetch(await allow(page));
  const { code, stdout, stderr } = await ended;
  expect([code, stderr]).toEqual([0, expect.stringContaining('/authorize?')]);
  return JSON.parse(stdout) as LoginResult;
}

const call = async (name: string, text: string) => {
  const outcome = await instance.client.callTool(name, 'echo', { text });
  return outcome.outcome === 'ok' ? 'ok' : outcome.error?.code;
};

it('says that a server needs a login, and how', async () => {
  const { json } = await cli<ServerStatus>('status', 'files', '--json');
  expect(json).toMatchObject({
    state: 'ERROR',
    error: { code: 'LOGIN_REQUIRED', fix: 'Log in: mainspring login files.' },
  });
  expect((await cli('list')).stdout).toContain('"files" needs a login');
  expect(await call('files', 'too early')).toBe('LOGIN_REQUIRED');
});

it('logs in through the browser, and the server starts by itself', async () => {
  const { status, ...result } = await logIn('files');
  expect(result).toMatchObject({ issuer: oauth.issuer, scope: 'read write', renewable: true });
  expect(status).toMatchObject({ state: 'RUNNING', tools: 1 });
  expect(await call('files', 'hello')).toBe('ok');
});

it('logs in where the browser is on another machine, by what it is redirected to', async () => {
  const { child, page, ended } = await beginLogin('more');
  child.stdin.write('http://127.0.0.1:1/callback?code=x&state=of-another-login\n');
  child.stdin.write(`${(await allow(page)).href}\n`);
  expect((await ended).code).toBe(0);
  expect((await ended).stderr).toContain('does not belong to this login');
  expect(await call('more', 'hello')).toBe('ok');
});

it('gives a login up on Ctrl-C, and leaves everything as it was', async () => {
  const { child, ended } = await beginLogin('files');
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(await call('files', 'still')).toBe('ok');
});

it('renews an expired token once, however many calls find out', async () => {
  await instance.client.servers.stop('more'); // its own checks would renew its own grant
  const { refreshes } = oauth.state;
  oauth.expireAll();
  oauth.settings.tokenDelayMs = 300;
  const calls = Array.from({ length: ASKERS }, (_, index) => call('files', `call ${index}`));
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['ok']));
  oauth.settings.tokenDelayMs = 0;
  expect(oauth.state.refreshes - refreshes).toBe(1);
});

it('goes on after the death of everything', async () => {
  await instance.killAll();
  oauth.expireAll();
  instance = await startInstance({ home: instance.home });
  await until('it runs', async () => {
    return (await instance.client.servers.get('files')).state === 'RUNNING';
  });
  expect(await call('files', 'after')).toBe('ok');
});

it('needs a login again when the last one was revoked, and none after the next', async () => {
  oauth.endAll();
  expect(await call('files', 'revoked')).toBe('LOGIN_REQUIRED');
  await until('it has given up', async () => {
    return (await instance.client.servers.get('files')).state === 'ERROR';
  });
  await logIn('files');
  expect(await call('files', 'again')).toBe('ok');
});

it('logs out: the tokens are revoked and forgotten', async () => {
  const { json } = await cli<LogoutResult>('logout', 'files', '--json');
  expect(json).toMatchObject({ wasLoggedIn: true, revoked: true });
  const { servers } = instance.client;
  await until('it has given up', async () => (await servers.get('files')).state === 'ERROR');
  expect((await servers.get('files')).error).toMatchObject({ code: 'LOGIN_REQUIRED' });
});

it('keeps tokens out of every file and output', async () => {
  await cli('events', '--json');
  await cli('calls', '--json');
  await cli('status', 'more', '--json');
  outputs += instance.said();
  await instance.down();
  const entries = await readdir(instance.home, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['temporal.db', 'mainspring.db', 'inventory.json', 'roles.log']),
  );
  const { secrets, reuses } = oauth.state;
  expect(reuses).toBe(0);
  expect(secrets.length).toBeGreaterThan(10);
  const leaks = secrets.filter((secret) => outputs.includes(secret));
  for (const { parentPath, name } of files) {
    const content = await readFile(path.join(parentPath, name));
    leaks.push(
      ...secrets.filter((secret) => content.includes(secret)).map((at) => `${name}: ${at}`),
    );
  }
  expect(leaks).toEqual([]);
});
