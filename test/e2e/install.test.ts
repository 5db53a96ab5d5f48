import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type InstallReport } from '../../src/domain/programs/installs';
import { type ValidationReport } from '../../src/domain/servers/validation';
import { type ServerStatus, type ServerSummary } from '../../src/domain/servers/status';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { startInstance, type TestInstance } from './instance';
import { until } from './until';

/** Ten programs from the registries, three at once. */
const SETUP_LIMIT_MS = 10 * 60_000;

const npm = (name: string, ...args: string[]): ServerEntry => ({
  command: 'npx',
  args: ['-y', `@modelcontextprotocol/${name}`, ...args],
});

const NODE_SERVER = `
const { McpServer } = require('@modelcontextprotocol/sdk/server/mcp.js');
const { StdioServerTransport } = require('@modelcontextprotocol/sdk/server/stdio.js');
const server = new McpServer({ name: 'local-node', version: '1.0.0' });
server.registerTool('where', {}, () => ({ content: [{ type: 'text', text: __dirname }] }));
server.connect(new StdioServerTransport());
`;
const PYTHON_SERVER = `
from mcp.server.fastmcp import FastMCP
server = FastMCP("local-python")

@server.tool()
def where() -> str:
    return __file__

server.run()
`;

interface InstallAnswer {
  servers: InstallReport[];
  reportFile: string;
}

let projects: string;
let instance: TestInstance;

function project(name: string, files: Record<string, string>): string {
  const folder = path.join(projects, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
  return folder;
}

beforeAll(async () => {
  projects = mkdtempSync(path.join(os.tmpdir(), 'mainspring-e2e-projects-'));
  const node = project('node', {
    'package.json': JSON.stringify({
      name: 'local-node',
      version: '1.2.3',
      dependencies: { '@modelcontextprotocol/sdk': '1.32.2' },
    }),
    'server.js': NODE_SERVER,
  });
  const python = project('python', {
    'requirements.txt': 'mcp>=1,<2\n',
    'server.py': PYTHON_SERVER,
  });
  const config: Record<string, ServerEntry> = {
    everything: npm('server-everything', 'stdio'),
    files: npm('server-filesystem', projects),
    memory: npm('server-memory'),
    thinking: npm('server-sequential-thinking@2025.7.1'),
    github: { ...npm('server-github'), env: { GITHUB_PERSONAL_ACCESS_TOKEN: 'none' } },
    time: { command: 'uvx', args: ['mcp-server-time', '--local-timezone', 'UTC'] },
    fetch: { command: 'uvx', args: ['mcp-server-fetch'] },
    git: { command: 'python', args: ['-m', 'mcp_server_git'] },
    'local-node': { command: 'node', args: ['server.js'], cwd: node },
    'local-python': { command: 'python3', args: ['server.py'], cwd: python },
  };
  instance = await startInstance({ config, partsOnly: true, separate: true });
  const isSettled = ({ state }: ServerSummary) => state === 'RUNNING' || state === 'ERROR';
  const all = async () => (await instance.client.servers.list()).every(isSettled);
  await until('every program is installed', all, SETUP_LIMIT_MS);
}, SETUP_LIMIT_MS);
afterAll(() => rmSync(projects, { recursive: true, force: true }));

const builds = () => readdirSync(path.join(instance.home, 'programs', 'builds'));

it('installs npm and PyPI servers and local projects at their first start, and runs them', async () => {
  const { json } = await instance.cli<ServerSummary[]>('list', '--json');
  expect(json.map(({ name, state, reason }) => ({ name, state, reason }))).toEqual(
    json.map(({ name }) => ({ name, state: 'RUNNING', reason: 'ready' })),
  );
  expect(json).toHaveLength(10);
});

it.each([
  ['everything', 'npm', /^\d+\.\d+\.\d+$/, /^sha512-/],
  ['thinking', 'npm', /^2025\.7\.1$/, /^sha512-/],
  ['time', 'pypi', /^\d+\.\d+\.\d+$/, /^sha256:/],
  ['git', 'pypi', /^\d+\.\d+\.\d+$/, /^sha256:/],
  ['local-node', 'node-project', /^1\.2\.3$/, /./],
  ['local-python', 'python-project', /./, /./],
])('%s says what was installed for it', async (name, method, version, integrity) => {
  const { json } = await instance.cli<ServerStatus>('status', name, '--json');
  expect(json.program).toMatchObject({
    method,
    version: expect.stringMatching(version) as string,
    integrity: expect.stringMatching(integrity) as string,
  });
});

it.each([
  ['everything', 'get-sum', { a: 2, b: 3 }, '5'],
  ['time', 'get_current_time', { timezone: 'UTC' }, 'UTC'],
  ['local-node', 'where', {}, 'node'],
  ['local-python', 'where', {}, 'server.py'],
])('%s answers', async (server, tool, args, text) => {
  const outcome = await instance.client.callTool(server, tool, args);
  expect(outcome).toMatchObject({ outcome: 'ok' });
  expect(JSON.stringify(outcome.outcome === 'ok' && outcome.result)).toContain(text);
});

it('validates all of them', async () => {
  interface Tested {
    servers: ValidationReport[];
  }
  const { json } = await instance.cli<Tested>('validate', '--all', '--json');
  expect(json.servers).toHaveLength(10);
  // How fast they answer depends on what else this machine does.
  const failed = json.servers.flatMap(({ server, checks }) =>
    checks
      .filter(({ name, status }) => status === 'failed' && name !== 'load')
      .map(({ name, detail }) => `${server}, ${name}: ${detail}`),
  );
  expect(failed).toEqual([]);
});

it('has nothing to install twice, and says so in a report', async () => {
  const before = builds();
  const { json, code } = await instance.cli<InstallAnswer>('install', '--json');
  expect(code).toBe(0);
  expect(json.servers.map(({ server, status }) => [server, status])).toEqual(
    json.servers.map(({ server }) => [server, 'unchanged']),
  );
  expect(json.servers).toHaveLength(10);
  expect(json.reportFile).toBe(path.join(instance.home, 'reports', 'installation_report.json'));
  expect(builds()).toEqual(before);
});

it('upgrades a server that runs, after a validation beside it', async () => {
  const { code, json } = await instance.cli<InstallReport>('upgrade', 'thinking', '--json');
  expect(json).toMatchObject({
    ...{ status: 'installed', oldVersion: '2025.7.1' },
    validation: { passed: true },
  });
  expect(code).toBe(0);
  const status = await instance.client.servers.get('thinking');
  expect(status).toMatchObject({ state: 'RUNNING', program: { version: json.version } });
});

it('installs for two who ask at once, once', async () => {
  const entry = { ...npm('server-brave-search@0.6.2'), autostart: false };
  await instance.client.servers.add('twice', entry);
  const before = builds();
  const both = await Promise.all([
    instance.cli<InstallAnswer>('install', 'twice', '--json'),
    instance.cli<InstallAnswer>('install', 'twice', '--json'),
  ]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(builds().length).toBe(before.length + 1);
});

it('goes on where it was when the host is killed in the middle, and leaves nothing half done', async () => {
  const entry = { ...npm('server-slack@2025.4.25'), autostart: false };
  await instance.client.servers.add('killed', entry);
  const before = builds();
  const installing = instance.client.installs.install(['killed']);
  await until('the installation has begun', () => builds().length > before.length);
  await instance.kill('host');
  expect(await installing).toMatchObject([{ server: 'killed', status: 'installed' }]);
  await until('nothing half done is left', () => builds().length === before.length + 1);
});

it('cancels on Ctrl-C and leaves nothing behind', async () => {
  const entry = { ...npm('server-redis@2025.4.25'), autostart: false };
  await instance.client.servers.add('cancelled', entry);
  const before = builds();
  const installing = instance.spawn(['install', 'cancelled', '--json']);
  let stdout = '';
  installing.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  await until('the installation has begun', () => builds().length > before.length);
  const exited = once(installing, 'close');
  installing.kill('SIGINT');
  expect(await exited).toEqual([130, null]);
  expect(JSON.parse(stdout)).toMatchObject({ servers: [{ status: 'cancelled' }] });
  expect(builds()).toEqual(before);
});

it.each([
  ['no-package', npm('server-that-there-is-not'), 'PACKAGE_NOT_FOUND'],
  ['no-version', npm('server-memory@0.0.99'), 'VERSION_NOT_FOUND'],
  ['other-content', { ...npm('server-memory'), integrity: 'sha512-AAAA' }, 'INTEGRITY_MISMATCH'],
])('%s ends in ERROR with the reason', async (name, entry, code) => {
  await expect(instance.client.servers.add(name, entry)).rejects.toMatchObject({ code });
  expect(await instance.client.servers.get(name)).toMatchObject({
    state: 'ERROR',
    error: { code },
  });
});

it('installs what a server depends on before it', async () => {
  const { client } = instance;
  const idle = { ...npm('server-memory'), autostart: false };
  await client.servers.add('first', idle);
  await client.servers.add('second', { ...idle, dependsOn: ['first'] });
  const reports = await client.installs.install(['second']);
  expect(reports.map(({ server, status }) => [server, status])).toEqual([
    ['second', 'unchanged'],
    ['first', expect.stringMatching(/^(installed|unchanged)$/)],
  ]);
});

it('names a circle of dependencies, and a server that has nothing to install', async () => {
  const { client } = instance;
  const idle = { ...npm('server-memory'), autostart: false };
  await client.servers.add('ring-a', { ...idle, dependsOn: ['ring-b'] });
  await client.servers.add('ring-b', { ...idle, dependsOn: ['ring-a'] });
  await expect(client.installs.install(['ring-a'])).rejects.toMatchObject({
    code: 'DEPENDENCY_CYCLE',
    message: expect.stringContaining('ring-a → ring-b → ring-a') as string,
  });
  await client.servers.add('as-is', { ...npm('server-memory'), asIs: true, autostart: false });
  await expect(client.installs.install(['as-is'])).rejects.toMatchObject({
    code: 'NOT_INSTALLABLE',
  });
});
