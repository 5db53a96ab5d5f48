import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ReceiverSummary } from '../../src/client/alerts';
import { type Alert } from '../../src/domain/alerts/alerts';
import { type HealthResult } from '../../src/domain/health/health';
import { type HealthReport } from '../../src/domain/health/health-report';
import { type HealthSummary, type HealthView } from '../../src/domain/health/health-view';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';

const SETUP_LIMIT_MS = 120_000;
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** The receiver refuses so many attempts before it accepts one. */
const REFUSALS = 2;

interface Post {
  headers: IncomingHttpHeaders;
  body: string;
  status: number;
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-alerts-'));
const inFolder = (name: string) => path.join(folder, name);
const configFile = inFolder('servers.json');
const posts: Post[] = [];
const heard: Alert[] = [];
const hook = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const status = posts.length < REFUSALS ? 500 : 204;
    posts.push({ headers: request.headers, body, status });
    response.writeHead(status).end();
  });
});
let instance: TestInstance;

function config(alerts: unknown[]): void {
  const tiny = { command: process.execPath, args: [fixture('tiny-server.js')] };
  const mcpServers = {
    tiny: { ...tiny, tags: ['work'] },
    // Comes up as soon as the file is there.
    fragile: {
      ...tiny,
      command: 'sh',
      args: ['-c', `test -f "${inFolder('ready')}" && exec node "${fixture('tiny-server.js')}"`],
      autostart: false,
    },
  };
  writeFileSync(configFile, JSON.stringify({ mcpServers, alerts }));
}

beforeAll(async () => {
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const { port } = hook.address() as AddressInfo;
  config([
    {
      name: 'hook',
      on: ['critical'],
      servers: ['frag*'],
      webhook: { url: '${HOOK}', secret: '${ALERT_SECRET}' },
    },
    {
      name: 'script',
      on: ['critical', 'recovery'],
      servers: ['fragile'],
      command: { command: 'sh', args: ['-c', 'cat >> told.jsonl'] },
    },
    { name: 'journal', on: ['status_change'], servers: ['tag:work'], log: true },
  ]);
  instance = await startInstance({
    config: configFile,
    separate: true,
    env: { ALERT_SECRET: SECRET, HOOK: `http://127.0.0.1:${port}/hook?token=hidden` },
  });
  instance.client.onAlert((alert) => heard.push(alert));
}, SETUP_LIMIT_MS);

afterAll(() => {
  hook.close();
  rmSync(folder, { recursive: true, force: true });
});

const linesOf = (file: string): Alert[] =>
  readFileSync(file, { encoding: 'utf8', flag: 'a+' })
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Alert);

/** An attempt that the death of the control worker cut off is made again, under the same id. */
const told = () => [
  ...new Map(linesOf(inFolder('told.jsonl')).map((alert) => [alert.id, alert])).values(),
];

it('delivers a signed alert once, although it is refused twice and the control worker is killed', async () => {
  await instance.client.servers.start('fragile').catch(() => undefined); // that it fails is the point
  await until('the first attempt', () => posts.length > 0);
  await instance.kill('worker');
  const accepted = await until('an accepted attempt', () =>
    posts.find((post) => post.status === 204),
  );
  const id = accepted.headers['webhook-id'];
  const timestamp = accepted.headers['webhook-timestamp'];
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  const signed = createHmac('sha256', key).update(
    `${String(id)}.${String(timestamp)}.${accepted.body}`,
  );
  expect(accepted.headers['webhook-signature']).toBe(`v1,${signed.digest('base64')}`);
  expect(new Set(posts.map((post) => post.headers['webhook-id'])).size).toBe(1);
  expect(JSON.parse(accepted.body)).toMatchObject({
    type: 'mainspring.critical',
    data: { id, kind: 'critical', server: 'fragile', to: 'ERROR' },
  });
});

it('tells a command and a listener of the failure, and of the recovery', async () => {
  await until('the command was told', () => told().length > 0);
  writeFileSync(inFolder('ready'), '');
  await instance.client.servers.start('fragile');
  await until('the command was told again', () => told().length > 1);
  const kinds = (alerts: Alert[]) => alerts.map(({ kind, server, to }) => [kind, server, to]);
  const expected = [
    ['critical', 'fragile', 'ERROR'],
    ['recovery', 'fragile', 'RUNNING'],
  ];
  expect(kinds(told())).toEqual(expected);
  await until('the listener was told', () => heard.length > 1);
  expect(kinds(heard)).toEqual(expected);
  expect(heard.map(({ id }) => id)).toEqual(told().map(({ id }) => id));
  // What was accepted is not sent again.
  expect(posts.filter(({ status }) => status === 204)).toHaveLength(1);
});

it('writes alerts of servers with a tag into the log', async () => {
  const journal = () => linesOf(path.join(instance.home, 'logs', 'alerts.log'));
  await instance.client.servers.stop('tiny');
  await until('the stop is in the log', () => journal().some(({ to }) => to === 'STOPPED'));
  expect(new Set(journal().map(({ server }) => server))).toEqual(new Set(['tiny']));
  await instance.client.servers.start('tiny');
});

it('lists receivers without their secrets, and sends tests', async () => {
  const { stdout, json } = await instance.cli<ReceiverSummary[]>('alerts', '--json');
  expect(json.map(({ name, channel }) => [name, channel])).toEqual([
    ['hook', 'webhook'],
    ['script', 'command'],
    ['journal', 'log'],
  ]);
  expect(stdout).not.toContain('hidden');
  const sent = await instance.cli('alerts', 'test', 'journal', '--json');
  expect(sent).toMatchObject({ code: 0, json: { receiver: 'journal', delivered: true } });
  const unknown = await instance.cli('alerts', 'test', 'jurnal', '--json');
  expect(unknown).toMatchObject({ code: 1, json: { error: { code: 'UNKNOWN_RECEIVER' } } });
});

describe('mainspring health', () => {
  it('shows every server, and one in full with its last rounds', async () => {
    const all = await instance.cli<HealthSummary[]>('health', '--json');
    expect(all.json.map(({ server, state }) => [server, state])).toEqual([
      ['fragile', 'RUNNING'],
      ['tiny', 'RUNNING'],
    ]);
    expect(all.code).toBe(0);
    await until('a round of checks', async () => {
      const { results } = await instance.client.health.get('tiny');
      return results.length > 0;
    });
    const { json } = await instance.cli<HealthView>('health', 'tiny', '--json');
    expect(json).toMatchObject({ server: 'tiny', health: 'HEALTHY', queued: 0, inFlight: 0 });
    expect(json.results[0]?.checks.length).toBeGreaterThan(0);
    expect((await instance.cli('health', 'tiny')).stdout).toMatch(/^Latest checks/m);
  });

  it('checks now, and says when there is nothing to check', async () => {
    const now = await instance.cli<HealthResult>('health', 'tiny', '--now', '--json');
    expect(now).toMatchObject({ code: 0, json: { health: 'HEALTHY', onDemand: true } });
    await instance.client.servers.stop('fragile');
    const stopped = await instance.cli('health', 'fragile', '--now', '--json');
    expect(stopped).toMatchObject({ code: 1, json: { error: { code: 'SERVER_NOT_RUNNING' } } });
    // A server that rests because somebody wants it to is no failure.
    expect((await instance.cli('health', 'fragile')).code).toBe(0);
  });

  it('prints a line for each change in a pipe', async () => {
    const watch = instance.spawn(['health', '--watch', '--json', '--interval', '100ms']);
    let said = '';
    watch.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until('the first sight', () => said.split('\n').length > 2);
    await instance.client.servers.start('fragile');
    await until('the change', () => /"server":"fragile","from":{"state":"S.*"RUNNING"/.test(said));
    watch.kill('SIGINT');
    const [code] = (await once(watch, 'exit')) as [number | null];
    expect(code).toBe(0);
  });
});

it('monitors until it is interrupted, and reports what has failed meanwhile', async () => {
  const file = inFolder('health_report.json');
  const monitor = instance.spawn(['monitor', '--interval', '100ms', '--out', file, '--json']);
  const read = () => JSON.parse(readFileSync(file, 'utf8')) as HealthReport;
  await until('the report is there', () => {
    try {
      return read().servers.length === 2;
    } catch {
      return false; // not yet
    }
  });
  await instance.client.callTool('tiny', 'crash');
  await until('it runs again', async () => {
    const { state, restarts } = await instance.client.servers.get('tiny');
    return state === 'RUNNING' && restarts > 0;
  });
  let said = '';
  monitor.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('the monitor has told', () => /tiny \w+ → RUNNING/.test(said));
  monitor.kill('SIGINT');
  const [code] = (await once(monitor, 'exit')) as [number | null];
  expect(code).toBe(1);
  const { finished, totals, servers } = read();
  expect(finished).toBe(true);
  expect(totals).toMatchObject({ servers: 2, failing: ['tiny'], restarts: 1 });
  const tiny = servers.find(({ server }) => server === 'tiny');
  expect(tiny?.availabilityPercent).toBeLessThan(100);
  expect(tiny?.changes.map(({ from, to }) => [from, to])).toContainEqual(['RUNNING', 'BACKOFF']);
  expect(tiny?.calls.errors.crash?.count).toBe(1);
});

it('shows the live table once in a pipe, and on a terminal until q', async () => {
  const { json, code } = await instance.cli<{ servers: { name: string }[] }>('top', '--json');
  expect({ code, names: json.servers.map(({ name }) => name) }).toEqual({
    ...{ code: 0, names: ['fragile', 'tiny'] },
  });
  const steps = [['tiny', 'q']];
  const command = [process.execPath, path.resolve(__dirname, '../../bin/mainspring.js'), 'top'];
  const { stdout } = await promisify(execFile)('python3', [
    ...[fixture('terminal.py'), JSON.stringify(steps), ...command, '--home', instance.home],
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ code: 0 });
});

it('forgets the receivers that are not in the config any more', async () => {
  config([]);
  expect((await instance.cli('reload', '--all')).code).toBe(0);
  expect(await instance.client.alerts.list()).toEqual([]);
});

it('a monitor that outlives the instance writes its report all the same', async () => {
  const file = inFolder('last_report.json');
  const monitor = instance.spawn(['monitor', '--interval', '100ms', '--out', file, '--json']);
  let said = '';
  monitor.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('the report is there', () => existsSync(file));
  await instance.down();
  // Which of its parts it misses first depends on the order in which they end.
  const missed = ['No control worker is responding.', 'Temporal is not responding.'];
  await until('the monitor misses it', () => missed.some((text) => said.includes(text)));
  const exited = once(monitor, 'exit');
  monitor.kill('SIGINT');
  await exited;
  const { finished, missedSamples } = JSON.parse(readFileSync(file, 'utf8')) as HealthReport;
  expect(finished).toBe(true);
  expect(missedSamples).toBeGreaterThan(0);
});
