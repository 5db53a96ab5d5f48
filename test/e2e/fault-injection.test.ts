import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type ServerEntry } from '../../src/inventory/config-schema';
import { instrument, type Site } from './faults/instrument';
import { fixture, REPOSITORY, startInstance } from './instance';

jest.setTimeout(600_000);

/** All that a call goes through between its first byte and its caller. */
const FILES = [
  ...['call-asks', 'call-attempt', 'call-failure', 'call-room', 'call-tool', 'direct-call'],
  ...['in-flight', 'lazy-heartbeats', 'socket-client', 'stored-result', 'waiting-call'],
  ...['with-gateway'],
].map((name) => `activities/${name}.ts`);
const MCP_FILES = [
  'drive',
  'input-rounds',
  'live-connection',
  'open-call',
  'pending-call',
  'tasks',
];
const CLIENT_FILES = [
  ...['asks', 'call-handle', 'call-ways', 'calls', 'direct-calls', 'direct-handles', 'host-socket'],
  ...['host-sockets', 'key-chain', 'mainspring-client', 'may-have-reached', 'outcome-of'],
  ...['record-end', 'stored-answer', 'submission'],
];
const STORE_FILES = ['batched', 'call-index', 'call-writer', 'result-files'];
const ALL = [
  ...FILES,
  ...MCP_FILES.map((name) => `src/mcp/${name}.ts`),
  ...CLIENT_FILES.map((name) => `src/client/${name}.ts`),
  ...STORE_FILES.map((name) => `src/store/${name}.ts`),
  'src/durable-file.ts',
  'src/process/sent-journal.ts',
];

interface Result {
  kind: string;
  tool: string;
  site: number;
  when: string;
  told: string;
  afterwards?: string;
  starts: number;
  ms: number;
}

interface Report {
  /** What each call is told when nothing throws, and how many sites it passes. */
  expected: Record<string, { told: string; passed: number }>;
  results: Result[];
}

let folder: string;

const asking = (more: ServerEntry, era = 'legacy'): ServerEntry => ({
  ...{ command: process.execPath, args: [fixture('asking-server.js')] },
  env: { ERA: era, LEDGER: path.join(folder, 'ledger') },
  // Nothing but the calls themselves decides how they end.
  restart: { maxRestarts: 10_000, maxDelay: '50ms' },
  ...{ breaker: { failures: 0 }, quarantine: { errors: 0 } },
  ...more,
});

beforeAll(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-faults-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Puts programs with sites in the place of what the build has made. */
function prepare(): Site[] {
  const { sites, programs } = instrument(REPOSITORY, ALL);
  const inPlaceOf = programs.map(({ file, code }, index) => {
    const program = path.join(folder, `${index}.js`);
    writeFileSync(program, code);
    return [path.join(REPOSITORY, 'dist', file), program] as const;
  });
  writeFileSync(path.join(folder, 'programs.json'), JSON.stringify(Object.fromEntries(inPlaceOf)));
  return sites;
}

async function drive(env: NodeJS.ProcessEnv): Promise<Report> {
  const child = spawn(process.execPath, [fixture('fault-driver.js'), REPOSITORY], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(text) as Report;
}

it('begins a call once, and never says that it did not run, wherever something throws after the send', async () => {
  const sites = prepare();
  const env = { FAULTS: folder, NODE_OPTIONS: `--require ${fixture('fault-hook.js')}` };
  const instance = await startInstance({
    config: {
      durable: asking({}),
      direct: asking({ direct: ['*'] }),
      modern: asking({ protocol: 'modern' }, 'modern'),
    },
    env,
  });
  writeFileSync('/tmp/on-sites.json', JSON.stringify(sites));
  const before = await instance.pids();
  const { expected, results } = await drive({ ...env, MAINSPRING_HOME: instance.home });
  const table = tableOf(results);
  const { FAULT_TABLE } = process.env;
  if (FAULT_TABLE) {
    writeFileSync(FAULT_TABLE, JSON.stringify({ table, expected, results, sites }, null, 2));
  }

  const at = ({ site, when, ...rest }: Result) => ({
    ...rest,
    at: `${when} ${sites[site]?.where}`,
  });
  expect(results.filter(({ starts }) => starts !== 1).map(at)).toEqual([]);
  const isFailed = ({ told, afterwards }: Result) => [told, afterwards].includes('failed');
  expect(results.filter(isFailed).map(at)).toEqual([]);
  expect(results.filter(({ told }) => told === 'hangs').map(at)).toEqual([]);
  const escaped = path.join(folder, 'escaped');
  expect(existsSync(escaped) ? readFileSync(escaped, 'utf8') : '').toBe('');
  expect(Object.keys(table)).toEqual(['durable', 'direct', 'task', 'MRTR']);
  expect((await instance.pids()).hosts).toEqual(before.hosts);
});

interface Row {
  sites: number;
  faults: number;
  starts: number;
  outcomes: Record<string, number>;
}

function tableOf(results: readonly Result[]): Record<string, Row> {
  const table: Record<string, Row> = {};
  for (const kind of new Set(results.map((result) => result.kind))) {
    const ofKind = results.filter((result) => result.kind === kind);
    const outcomes: Record<string, number> = {};
    for (const { told } of ofKind) {
      const name = told.startsWith('thrown') ? 'thrown' : told;
      outcomes[name] = (outcomes[name] ?? 0) + 1;
    }
    const starts = ofKind.reduce((sum, result) => sum + result.starts, 0);
    const sites = new Set(ofKind.map(({ site }) => site)).size;
    table[kind] = { sites, faults: ofKind.length, starts, outcomes };
  }
  return table;
}
