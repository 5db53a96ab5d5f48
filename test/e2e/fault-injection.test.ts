import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { instrument, type Site } from './faults/instrument';
import { fixture, REPOSITORY, startInstance, type TestInstance } from './instance';

jest.setTimeout(600_000);

/** All that a call goes through between its first byte and its caller: whole folders, so that a new file is covered too. */
const FOLDERS = [
  'activities/calls',
  'src/mcp/calls',
  'src/client/calls',
  'src/client/calls/durable',
  'src/client/host-sockets',
];
const FILES = [
  'activities/server/in-flight.ts',
  'activities/host/socket-client.ts',
  'src/async/batched.ts',
  'src/async/semaphore.ts',
  'src/base/durable-file.ts',
  'src/client/mainspring-client.ts',
  'src/mcp/session/live-connection.ts',
  'src/process/sent-journal.ts',
  'src/store/call-index.ts',
  'src/store/call-writer.ts',
  'src/store/result-files.ts',
];
const ALL = [...FOLDERS.flatMap(sourcesIn), ...FILES];

const KINDS = ['durable', 'direct', 'task', 'MRTR'] as const;

interface Result {
  tool: string;
  site: number;
  when: 'before' | 'after';
  /** An outcome; `thrown` when the fault was in the caller's own process; `hangs`. */
  told: string;
  /** What a caller that was told nothing is told when it asks again with its key. */
  afterwards?: string;
  /** How often the server has begun the call, whenever that was. */
  starts: number;
}

interface Report {
  /** What each call is told when nothing throws. */
  expected: Record<string, string>;
  results: Result[];
  /** Faults that a call could have met, and did not: which sites it passes is partly chance. */
  missed: Pick<Result, 'tool' | 'site' | 'when'>[];
}

let folder: string;
let sites: Site[];
let instance: TestInstance;
const table: Record<string, object> = {};

const asking = (more: ServerEntry, era = 'legacy'): ServerEntry => ({
  ...{ command: process.execPath, args: [fixture('asking-server.js')] },
  env: { ERA: era, LEDGER: path.join(folder, 'ledger') },
  // Nothing but the calls themselves decides how they end.
  restart: { maxRestarts: 10_000, maxDelay: '50ms' },
  ...{ breaker: { failures: 0 }, quarantine: { errors: 0 } },
  ...more,
});

/** The processes of the instance, and callers, with programs that have sites in the place of those of the build. */
const instrumented = () => ({
  FAULTS: folder,
  NODE_OPTIONS: `--require ${fixture('fault-hook.js')}`,
});

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-faults-'));
  sites = writePrograms();
  instance = await startInstance({
    config: {
      durable: asking({}),
      direct: asking({ direct: ['*'] }),
      modern: asking({ protocol: 'modern' }, 'modern'),
    },
    env: instrumented(),
  });
});

afterAll(() => {
  const { FAULT_TABLE } = process.env;
  if (FAULT_TABLE) writeFileSync(FAULT_TABLE, JSON.stringify(table, null, 2));
  rmSync(folder, { recursive: true, force: true });
});

function sourcesIn(folder: string): string[] {
  const names = readdirSync(path.join(REPOSITORY, folder)).sort();
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
}

function writePrograms(): Site[] {
  const { sites: found, programs } = instrument(REPOSITORY, ALL);
  const inPlaceOf = programs.map(({ file, code }, index) => {
    const program = path.join(folder, `${index}.js`);
    writeFileSync(program, code);
    return [path.join(REPOSITORY, 'dist', file), program] as const;
  });
  writeFileSync(path.join(folder, 'programs.json'), JSON.stringify(Object.fromEntries(inPlaceOf)));
  return found;
}

async function drive(kind: string): Promise<Report> {
  const child = spawn(process.execPath, [fixture('fault-driver.js'), REPOSITORY, kind], {
    env: { ...process.env, ...instrumented(), MAINSPRING_HOME: instance.home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(text) as Report;
}

it.each(KINDS)(
  'a %s call begins once, and nobody is told that it did not run, wherever something throws after the send',
  async (kind) => {
    const escaped = path.join(folder, 'escaped');
    rmSync(escaped, { force: true });
    const { hosts } = await instance.pids();
    const report = await drive(kind);
    const { results } = report;
    table[kind] = summaryOf(report);

    const at = ({ site, ...rest }: Result) => ({ ...rest, site: sites[site]?.where });
    const notOnce = results.filter(({ starts }) => starts !== 1);
    expect(notOnce.map(at)).toEqual([]);
    const isWrong = (told: string | undefined) => told === 'failed' || told === 'hangs';
    const wrong = results.filter(({ told, afterwards }) => isWrong(told) || isWrong(afterwards));
    expect(wrong.map(at)).toEqual([]);
    expect(results.length).toBeGreaterThan(20);
    // What nobody catches would end a process, and harm all other calls.
    expect(existsSync(escaped) ? readFileSync(escaped, 'utf8') : '').toBe('');
    expect((await instance.pids()).hosts).toEqual(hosts);
  },
);

function summaryOf({ expected, results, missed }: Report) {
  const told: Record<string, number> = {};
  for (const result of results) told[result.told] = (told[result.told] ?? 0) + 1;
  const starts = results.reduce((sum, result) => sum + result.starts, 0);
  const count = new Set(results.map(({ site }) => site)).size;
  const notMet = missed.map(({ tool, site, when }) => `${tool} ${when} ${sites[site]?.where}`);
  return { expected, sites: count, faults: results.length, starts, told, notMet };
}
