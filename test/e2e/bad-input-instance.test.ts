import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { type ErrorReport } from '../../src/base/errors';
import { useTemporaryFolder } from '../temporary-folder';
import { REPOSITORY } from './instance';

const folder = useTemporaryFolder();
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Ended<T> {
  code: number | null;
  stdout: string;
  stderr: string;
  json: T;
}

/** A command without a running instance. */
async function mainspring<T = { error: ErrorReport }>(
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended<T>> {
  const { TEMPORAL_ADDRESS: _own, ...inherited } = process.env;
  const child = spawn(process.execPath, [path.join(REPOSITORY, 'bin/mainspring.js'), ...args], {
    env: {
      ...inherited,
      ...{ MAINSPRING_HOME: home(), MAINSPRING_TEMPORAL_PORT: '0', MAINSPRING_UI_PORT: '0' },
      ...env,
    },
    cwd: folder(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr, json: JSON.parse(stdout || 'null') as T };
}

const home = () => path.join(folder(), 'home');

describe('without a running instance', () => {
  it('every command says so and how to start one', async () => {
    for (const args of [['list'], [], ['info'], ['down'], ['call', 'a', 'b'], ['events']]) {
      const { code, json } = await mainspring([...args, '--json']);
      expect([code, json.error.code]).toEqual([1, 'NOT_RUNNING']);
      expect(json.error.message).toContain(home());
    }
    const { stdout, stderr } = await mainspring([]);
    expect(stdout).toBe('');
    expect(stderr).toContain('mainspring up');
  });

  it('a Temporal that is not reachable is named', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { code, json } = await mainspring(['list', '--json'], env);
    expect([code, json.error.code]).toEqual([1, 'TEMPORAL_UNREACHABLE']);
    expect(json.error.message).toContain('127.0.0.1:1');
  });
});

describe('up', () => {
  it('refuses a config that cannot be read by file and line, and starts nothing', async () => {
    const file = path.join(folder(), 'servers.json');
    writeFileSync(file, '{\n  "mcpServers": {\n    "a": { "command": }\n  }\n}\n');
    const { code, json } = await mainspring(['up', '--json', '--config', file]);
    expect([code, json.error.code]).toEqual([1, 'INVALID_JSON']);
    expect(json.error.message).toContain(`${file}:3`);
    expect(existsSync(path.join(home(), 'temporal.db'))).toBe(false);
    const missing = await mainspring(['up', '--json', '--config', 'nowhere.json']);
    expect(missing.json.error.code).toBe('FILE_NOT_FOUND');
  });

  it('tells the same when it was asked to go to the background', async () => {
    const { code, json } = await mainspring([
      'up',
      '--detach',
      '--json',
      '--config',
      'nowhere.json',
    ]);
    expect([code, json.error.code]).toEqual([1, 'FILE_NOT_FOUND']);
    expect(json.error.message).toContain('nowhere.json');
  });

  it('refuses a corrupt inventory by file, line and field', async () => {
    mkdirSync(home(), { recursive: true, mode: 0o700 });
    const file = path.join(home(), 'inventory.json');
    writeFileSync(file, '{\n  "version": 1,\n  "servers": {\n    "a": 7\n  }\n}\n');
    const { code, json } = await mainspring(['up', '--json']);
    expect([code, json.error.code]).toEqual([1, 'INVENTORY_CORRUPT']);
    expect(json.error.message).toContain(`${file}:4`);
    expect(json.error.message).toContain('servers.a');
    expect(existsSync(path.join(home(), 'temporal.db'))).toBe(false);
    writeFileSync(file, '{"version": 1,');
    expect((await mainspring(['up', '--json'])).json.error.code).toBe('INVENTORY_CORRUPT');
  });

  it('refuses wrong options as wrong usage', async () => {
    for (const args of [
      ['--roles', 'cook'],
      ['--temporal-port', 'x'],
      ['--ui-port', '70000'],
    ]) {
      const { code, json } = await mainspring(['up', '--json', ...args]);
      expect([code, json.error.code]).toEqual([2, 'WRONG_USAGE']);
    }
  });

  it('takes the next free port when one is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = address && typeof address === 'object' ? address.port : 0;
    const args = ['up', '--detach', '--json', '--no-ui', '--temporal-port', String(port)];
    try {
      const { code, json } = await mainspring<{ temporal: { address: string } }>(args);
      expect(code).toBe(0);
      expect(json.temporal.address).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(json.temporal.address).not.toBe(`127.0.0.1:${port}`);
    } finally {
      server.close();
      const down = await mainspring(['down', '--json']);
      expect(down.code).toBe(0);
    }
    expect((await mainspring(['down', '--json'])).json.error.code).toBe('NOT_RUNNING');
  });

  it('gives up on a Temporal that is not reachable, and says so', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { code, json } = await mainspring(['up', '--json'], env);
    expect(code).toBe(1);
    expect(json.error.code).toBe('TEMPORAL_UNREACHABLE');
    expect(json.error.message).toContain('127.0.0.1:1');
  });
});
