import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ServerSummary } from '../../src/domain/servers/status';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { isRunning, REPOSITORY, startInstance, type TestInstance } from './instance';
import { timeServer } from './time-server';
import { until } from './until';

/** The first run installs a server from PyPI. */
const SETUP_LIMIT_MS = 5 * 60_000;
const NAMES = ['everything', 'files', 'time'];

let instance: TestInstance;
let time: ServerEntry;

beforeAll(async () => {
  time = await timeServer();
  instance = await startInstance({ config: { ...quickstart(), time }, gateway: true });
}, SETUP_LIMIT_MS);

/** The servers of the example, as if the config file of the test lay beside it. */
function quickstart(): Record<string, ServerEntry> {
  const folder = path.join(REPOSITORY, 'examples');
  const { mcpServers } = JSON.parse(readFileSync(path.join(folder, 'quickstart.json'), 'utf8')) as {
    mcpServers: Record<string, ServerEntry & { command: string }>;
  };
  const located = Object.entries(mcpServers).map(([name, { command, cwd = '.', ...rest }]) => {
    const program = command.includes('/') ? path.resolve(folder, command) : command;
    return [name, { ...rest, command: program, cwd: path.resolve(folder, cwd) }];
  });
  return Object.fromEntries(located) as Record<string, ServerEntry>;
}

async function pidsByName(): Promise<Record<string, number | null>> {
  const list = await instance.client.servers.list();
  return Object.fromEntries(list.map(({ name, pid }) => [name, pid]));
}

async function pidOf(name: string): Promise<number> {
  return until(`a pid of ${name}`, async () => (await pidsByName())[name] ?? undefined);
}

async function textOf(server: string, tool: string, args: Record<string, string | number>) {
  const outcome = await instance.client.callTool(server, tool, args);
  expect(outcome).toMatchObject({ server, tool, outcome: 'ok' });
  return JSON.stringify(outcome.result);
}

const answers = {
  everything: () => textOf('everything', 'get-sum', { a: 2, b: 3 }),
  files: () => textOf('files', 'list_directory', { path: '.' }),
  time: () => textOf('time', 'get_current_time', { timezone: 'Europe/Zurich' }),
};

it('brings the quickstart servers and one from PyPI to RUNNING', async () => {
  const { json, code } = await instance.cli<ServerSummary[]>('list', '--json');
  expect(code).toBe(0);
  expect(json.map(({ name, state }) => ({ name, state }))).toEqual(
    NAMES.map((name) => ({ name, state: 'RUNNING' })),
  );
  for (const { tools, pid } of json) {
    expect(tools).toBeGreaterThan(0);
    expect(isRunning(Number(pid))).toBe(true);
  }
});

it('gets answers from each of them', async () => {
  expect(await answers.everything()).toContain('5');
  expect(await answers.files()).toContain('[FILE]');
  expect(await answers.time()).toContain('Europe/Zurich');
});

it('stops and starts each of them', async () => {
  for (const name of NAMES) {
    const pid = await pidOf(name);
    expect(await instance.client.servers.stop(name)).toMatchObject({ state: 'STOPPED', pid: null });
    expect(isRunning(pid)).toBe(false);
    const started = await instance.client.servers.start(name);
    expect(started).toMatchObject({ state: 'RUNNING', generation: 2 });
  }
  expect(await answers.everything()).toContain('5');
  expect(await answers.time()).toContain('Europe/Zurich');
});

it('restarts each of them with a new process in the same generation', async () => {
  for (const name of NAMES) {
    const pid = await pidOf(name);
    const { generation } = await instance.client.servers.get(name);
    const restarted = await instance.client.servers.restart(name);
    expect(restarted).toMatchObject({ state: 'RUNNING', generation });
    expect(restarted.pid).not.toBe(pid);
    expect(isRunning(pid)).toBe(false);
  }
  expect(await answers.files()).toContain('[FILE]');
});

it('reloads the server whose entry was edited and leaves the others alone', async () => {
  const before = await pidsByName();
  const edited = { ...time, args: [...(time.args ?? []), '--local-timezone', 'Asia/Tokyo'] };
  writeFileSync(
    instance.configFile,
    JSON.stringify({ mcpServers: { ...quickstart(), time: edited } }),
  );
  const { code, stderr } = await instance.cli('reload', '--all', '--json');
  expect(code).toBe(0);
  expect(stderr).toContain('time');
  const after = await pidsByName();
  expect(after).toMatchObject({ everything: before['everything'], files: before['files'] });
  expect(after['time']).not.toBe(before['time']);
  const tools = await instance.client.tools.list('time');
  expect(JSON.stringify(tools)).toContain('Asia/Tokyo');
});

it('stops and forgets a server that is not in its file any more, and takes up a new one', async () => {
  const { everything } = quickstart();
  const { files, time: pidOfTime } = await pidsByName();
  const servers = { files: quickstart()['files'], again: everything, time };
  writeFileSync(instance.configFile, JSON.stringify({ mcpServers: servers }));
  const { code } = await instance.cli('reload', '--all', '--json');
  expect(code).toBe(0);
  const after = await pidsByName();
  expect(Object.keys(after)).toEqual(['again', 'files', 'time']);
  expect(after).toMatchObject({ files });
  expect(after['time']).not.toBe(pidOfTime);
});
