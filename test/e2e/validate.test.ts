import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { type ValidationReport } from '../../src/domain/servers/validation';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { fixture, isRunning, REPOSITORY, startInstance, type TestInstance } from './instance';
import { until } from './until';

const bin = (name: string) => path.join(REPOSITORY, 'node_modules/.bin', name);
const SECRET = 'planted-secret-of-validation';

/** The quickstart, a server that dies of junk and prints its secret, and one on a port. */
function servers(port: number): Record<string, ServerEntry> {
  return {
    everything: {
      command: bin('mcp-server-everything'),
      args: ['stdio'],
      validation: { calls: [{ tool: 'get-sum', arguments: { a: 2, b: 3 }, expect: '5' }] },
    },
    files: {
      command: bin('mcp-server-filesystem'),
      args: ['.'],
      cwd: path.join(REPOSITORY, 'examples/sample-files'),
      validation: { calls: [{ tool: 'list_directory', arguments: { path: '.' } }] },
    },
    broken: {
      command: 'node',
      args: [fixture('validated-server.js'), 'dies-of-junk'],
      env: { TOKEN: '${PLANTED}' },
      autostart: false,
    },
    port: {
      command: 'node',
      args: [fixture('http-server.js')],
      env: { PORT: String(port) },
      url: `http://127.0.0.1:${port}/mcp`,
    },
  };
}

interface Report {
  passed: boolean;
  servers: ValidationReport[];
  reportFile: string;
}

let instance: TestInstance;

beforeAll(async () => {
  const config = servers(await freePort());
  instance = await startInstance({ config, env: { PLANTED: SECRET } });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const failuresOf = ({ checks }: ValidationReport) =>
  checks.filter(({ status }) => status === 'failed').map(({ name }) => name);

it('proves that published servers work, beside the running ones', async () => {
  const before = await instance.client.servers.get('everything');
  for (const name of ['everything', 'files']) {
    const { json, code } = await instance.cli<Report>('validate', name, '--json');
    const [report] = json.servers;
    // How fast they are depends on what else this machine does.
    const failures = report ? failuresOf(report).filter((check) => check !== 'load') : ['missing'];
    expect([name, failures]).toEqual([name, []]);
    expect(code).toBe(json.passed ? 0 : 1);
    expect(report?.load?.succeeded).toBe(50);
    expect(existsSync(json.reportFile)).toBe(true);
  }
  expect(await instance.client.servers.get('everything')).toMatchObject({ pid: before.pid });
});

it('tells what is wrong with the others, as JSON and JUnit XML', async () => {
  const report = path.join(instance.folder, 'reports', 'mine.json');
  const junit = path.join(instance.folder, 'reports', 'junit.xml');
  const args = ['validate', '--all', '--json', '--report', report, '--junit', junit];
  const { json, code } = await instance.cli<Report>(...args);
  expect(code).toBe(1);
  expect(json).toMatchObject({ passed: false, reportFile: report });
  expect(json.servers.map(({ server }) => server)).toEqual([
    ...['broken', 'everything', 'files', 'port'],
  ]);
  const [broken, , , port] = json.servers;
  expect(broken && failuresOf(broken)).toContain('junk');
  // A second one could not listen on the same port, and the running one is not to be tried.
  expect(port?.checks).toEqual([
    expect.objectContaining({
      status: 'failed',
      detail: expect.stringContaining('stop it first: mainspring stop port') as string,
    }),
  ]);
  expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ passed: false });
  const xml = readFileSync(junit, 'utf8');
  expect(xml).toContain('<testcase classname="broken" name="junk"');
  expect(JSON.stringify(json) + xml).not.toContain(SECRET);
});

it('can be followed in Temporal, and leaves nothing running', async () => {
  const before = await instance.processes();
  const abort = new AbortController();
  const checks = new Set<string | undefined>();
  const running = instance.client.validation.run(['broken'], {
    signal: abort.signal,
    onProgress: ({ check }) => {
      checks.add(check);
      abort.abort();
    },
  });
  await expect(running).rejects.toMatchObject({ code: 'COMMAND_INTERRUPTED' });
  await until('nothing is left of it', async () => {
    const now = await instance.processes();
    return now.every((pid) => before.includes(pid) || !isRunning(pid));
  });
  await expect(instance.client.validation.run(['brokn'])).rejects.toMatchObject({
    code: 'UNKNOWN_SERVER',
    message: expect.stringContaining('"broken"') as string,
  });
});

it('sets up what a config has, and leaves the other servers alone', async () => {
  interface Setup {
    passed: boolean;
    stoppedBefore?: string;
    conflicts: { name: string }[];
    install: { servers: { server: string; status: string }[]; reportFile: string };
    test?: Report & { skipped: { server: string; reason: string }[] };
    monitor?: { seconds: number; servers: { name: string; healthy: boolean | null }[] };
  }
  const good = { command: 'node', args: [fixture('validated-server.js')] };
  const absent = path.join(instance.folder, 'absent');
  const file = path.join(instance.folder, 'setup.json');
  const config = {
    good,
    rests: { ...good, autostart: false },
    absent: { mcpb: `${absent}.mcpb` },
    leaf: { ...good, dependsOn: ['absent'] },
    port: good, // the name of another server
  };
  // What else a file has may be called as a server is, also as one of another origin.
  const alerts = [
    { name: 'journal', log: true },
    { name: 'everything', log: true },
  ];
  writeFileSync(file, JSON.stringify({ mcpServers: config, alerts }));
  const before = await instance.client.servers.list(['everything', 'files', 'broken', 'port']);
  const args = ['setup', '--config', file, '--monitor-duration', '1', '--json'];
  const stopped = await instance.cli<Setup>(...args);
  expect([stopped.code, stopped.json]).toEqual([
    1,
    expect.objectContaining({ passed: false, stoppedBefore: 'test' }) as unknown,
  ]);
  expect(stopped.json.test).toBeUndefined();
  await instance.client.servers.start('rests');
  await instance.client.servers.stop('rests');
  const { json, code } = await instance.cli<Setup>(...args, '--force');
  expect(code).toBe(1);
  expect(json.conflicts).toMatchObject([{ name: 'port' }]);
  expect(json.install.servers).toMatchObject([{ server: 'absent', status: 'failed' }]);
  expect(path.basename(json.install.reportFile)).toBe('installation_report.json');
  expect(existsSync(json.install.reportFile)).toBe(true);
  expect(json.test?.servers.map(({ server }) => server)).toEqual(['good']);
  expect(json.test?.skipped).toEqual([
    { server: 'absent', reason: 'its program was not installed' },
    { server: 'leaf', reason: '"absent" was not installed' },
    { server: 'rests', reason: 'it was stopped' },
  ]);
  expect(json.monitor?.seconds).toBe(1);
  expect(json.monitor?.servers.map(({ name, healthy }) => [name, healthy])).toMatchObject([
    ...[
      ['absent', false],
      ['good', true],
      ['leaf', true],
    ],
    ['rests', null],
  ]);
  const after = await instance.client.servers.list(['everything', 'files', 'broken', 'port']);
  expect(after.map(({ name, pid, state }) => [name, pid, state])).toEqual(
    before.map(({ name, pid, state }) => [name, pid, state]),
  );
});
