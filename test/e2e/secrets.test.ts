import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';

/** One for each place that a secret can come from. */
const PLANTED = {
  host: 'planted-from-host-4f1c9a',
  dotEnv: 'planted-from-dot-env-82be0d',
  envFile: 'planted-from-env-file-c07a51',
  file: 'planted-from-file-e93d77',
  store: 'planted-from-store-19ab6c',
  input: 'planted-from-input-5d20f8',
};
const ROTATED = 'planted-by-rotation-77e3b1';
const NOT_SEARCHED = new Set(['secrets.env']);

let folder: string;
let instance: TestInstance;
let outputs: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-e2e-'));
  const home = path.join(folder, 'home');
  mkdirSync(home, { mode: 0o700 });
  const write = (file: string, text: string) => writeFileSync(path.join(folder, file), text);
  write('.env', `DOT_ENV=${PLANTED.dotEnv}\n`);
  write('own.env', `LEAK_ENV_FILE=${PLANTED.envFile}\n`);
  write('secret.txt', `${PLANTED.file}\n`);
  write('home/secrets.env', `STORE='${PLANTED.store}'\n`);
  const server = {
    command: process.execPath,
    args: [fixture('leaky-server.js'), '--token=${HOST_SECRET}', '--other', '${STORE}'],
    env: {
      LEAK_HOST: '${HOST_SECRET}',
      LEAK_DOT: 'x${DOT_ENV}y',
      LEAK_FILE: '${file:secret.txt}',
      LEAK_STORE: '${STORE:-none}',
      LEAK_INPUT: '${input:my-key}',
    },
    envFile: '${workspaceFolder}/own.env',
    restart: { maxRestarts: 1 },
  };
  write(
    'mcp.json',
    JSON.stringify({
      inputs: [{ id: 'my-key', description: 'Key', password: true }],
      servers: {
        leaky: server,
        broken: { ...server, env: { ...server.env, FAIL_AT_START: '1' } },
      },
    }),
  );
  const env = { HOST_SECRET: PLANTED.host, MY_KEY: PLANTED.input };
  instance = await startInstance({ home, config: path.join(folder, 'mcp.json'), env });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('gives a server its secrets, from wherever they come', async () => {
  await until('a server that fails', async () => {
    const { state } = await instance.client.servers.get('broken');
    return state === 'ERROR' || state === 'BACKOFF';
  });
  expect((await instance.client.servers.get('leaky')).state).toBe('RUNNING');
  const { stdout } = await instance.cli('logs', 'leaky');
  // The log has a line with a mask for each of them, so that they were there.
  expect(stdout.match(/\*\*\*/g)?.length).toBeGreaterThanOrEqual(Object.keys(PLANTED).length);
});

it('gives new values to who uses them by a reload, and leaves others alone', async () => {
  const { home, client } = instance;
  await client.servers.add('plain', {
    command: process.execPath,
    args: [fixture('tiny-server.js')],
  });
  const pids = async () => {
    const found = await Promise.all(['leaky', 'plain'].map((name) => client.servers.get(name)));
    return found.map(({ pid }) => pid);
  };
  const [leaky, plain] = await pids();
  writeFileSync(path.join(home, 'secrets.env'), `STORE='${ROTATED}'\n`);
  await instance.cli('reload', '--all');
  const [rotated, same] = await pids();
  expect(rotated).not.toBe(leaky);
  expect(same).toBe(plain);
  await instance.cli('reload', '--all');
  expect(await pids()).toEqual([rotated, plain]);
});

it('never shows them, however the server tries', async () => {
  const calls = [
    await instance.cli('call', 'leaky', 'fail'),
    await instance.cli('call', 'leaky', 'fail', '--json'),
    await instance.cli('call', 'leaky', 'crash', '--json'),
  ];
  expect(calls[0]?.stdout + String(calls[0]?.stderr)).toContain('refused for');
  const reads = await Promise.all(
    [
      ['list', '--json'],
      ['status', 'leaky', '--json'],
      ['status', 'broken'],
      ['events', '--json'],
      ['calls', '--json'],
      ['logs', 'leaky'],
      ['logs', 'broken'],
      ['export', '--for', 'mainspring'],
      ['export', '--for', 'vscode'],
      ['import', path.join(folder, 'mcp.json'), '--json'],
    ].map((args) => instance.cli(...args)),
  );
  const all = [...calls, ...reads];
  outputs = all.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n') + instance.said();
  expect(outputs).toContain('***');
  for (const value of [...Object.values(PLANTED), ROTATED]) expect(outputs).not.toContain(value);
});

it('keeps them out of every file: Temporal, events, logs, inventory', async () => {
  const { home } = instance;
  await instance.down();
  const files = (await readdir(home, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && !NOT_SEARCHED.has(entry.name),
  );
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['temporal.db', 'mainspring.db', 'inventory.json', 'leaky.log']),
  );
  const leaks: string[] = [];
  for (const { parentPath, name } of files) {
    const content = await readFile(path.join(parentPath, name));
    for (const [source, value] of Object.entries({ ...PLANTED, rotated: ROTATED })) {
      const forms = [value, Buffer.from(value).toString('base64')];
      if (forms.some((form) => content.includes(form))) leaks.push(`${name}: ${source}`);
    }
  }
  expect(leaks).toEqual([]);
});
