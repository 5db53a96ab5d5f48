import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MainspringClient } from '../../src';
import { HOST_RECORD, hostsFolder } from '../../src/process/group-records';
import { packageRoot } from '../../src/base/package-root';
import { type BenchInstance, startInstance, tinyServer } from '../instance';
import { until } from '../until';
import { Kept } from './kept';

const wrapper = path.join(packageRoot(), 'test', 'fixtures', 'wrapper.sh');
/** The run kills far more often than a crash loop would be tolerated. */
const RESTART = { maxRestarts: 1_000 };
const READY_LIMIT_MS = 60_000;

/** Instance under test. */
export interface Fleet {
  instance: BenchInstance;
  client: MainspringClient;
  servers: string[];
  /** Ids of the hosts that run alone. */
  loneHosts: { id: string; process: Kept }[];
  /** File with a line for each execution by a server. */
  ledger: string;
  /** Leaders of the servers' process groups, by server, as the host has recorded them. */
  recordedOf: (hostId: string) => Map<string, number>;
  allRunning: () => Promise<void>;
  close: BenchInstance['close'];
}

export interface FleetOptions {
  servers: number;
  hosts: number;
  separate: boolean;
  env?: Record<string, string>;
}

/** Starts `up`, more hosts that run alone, and servers that write each call into a ledger. */
export async function startFleet({ servers, hosts, separate, env }: FleetOptions): Promise<Fleet> {
  const instance = await startInstance({}, env, ['--no-ui', ...(separate ? ['--separate'] : [])]);
  const { home, mark } = instance;
  const client = await MainspringClient.connect({ home });
  const loneHosts = Array.from({ length: hosts - 1 }, (_, index) => {
    const id = `${mark}-${index + 2}`;
    return { id, process: new Kept(() => instance.spawn(id, ['host', 'run', '--host-id', id])) };
  });
  for (const { id } of loneHosts) await until(`host ${id}`, () => recorded(home, id));
  const ledger = path.join(home, 'ledger');
  const names = Array.from({ length: servers }, (_, index) => `server-${index + 1}`);
  await Promise.all(names.map((name, index) => client.servers.add(name, entryOf(index, ledger))));
  const allRunning = async () => {
    await until(
      'every server is RUNNING',
      async () => (await client.servers.list()).every(({ state }) => state === 'RUNNING'),
      { limitMs: READY_LIMIT_MS },
    );
  };
  return {
    instance,
    client,
    servers: names,
    loneHosts,
    ledger,
    allRunning,
    recordedOf: (hostId) => recorded(home, hostId) ?? new Map<string, number>(),
    async close(options) {
      await client.close();
      await Promise.all(loneHosts.map((host) => host.process.stop()));
      await instance.close(options);
    },
  };
}

/** Puts every second server behind a shell, as many real servers are: killing the shell must not leave the server. */
function entryOf(index: number, ledger: string) {
  const program = [process.execPath, tinyServer];
  const [command = '', ...args] = index % 2 === 0 ? program : ['sh', wrapper, ...program];
  return { command, args, env: { LEDGER: ledger }, restart: RESTART };
}

function recorded(home: string, hostId: string): Map<string, number> | undefined {
  try {
    const text = readFileSync(path.join(hostsFolder(home), `${hostId}.json`), 'utf8');
    const { groups } = HOST_RECORD.parse(JSON.parse(text));
    return new Map(groups.map(({ server, leader }) => [server, leader.pid]));
  } catch {
    return undefined; // the host has not started, or has ended in order
  }
}
