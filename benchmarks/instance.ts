import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Instance, readInstance } from '../src/offline/instance';
import { packageRoot } from '../src/base/package-root';
import { isRunning } from './processes';
import { until } from './until';

const START_LIMIT_MS = 120_000;

export const mainspringBin = path.join(packageRoot(), 'bin', 'mainspring.js');
export const tinyServer = path.join(packageRoot(), 'test', 'fixtures', 'tiny-server.js');
/** Entry of a server that does next to nothing. */
export const tiny = { command: process.execPath, args: [tinyServer] };

export interface BenchInstance {
  home: string;
  /** Text in the environment or command line of every process of this instance, and of no other. */
  mark: string;
  /** Time at which `up` was started, on the clock of `performance.now`. */
  startedAt: number;
  /** Resolves when `up` reports that it is ready. */
  instance(): Promise<Instance>;
  /** Starts the `mainspring` command on this instance, such as a second host; its output goes to a log in the data directory. */
  spawn(name: string, args: string[]): ChildProcess;
  /** Stops `up`, kills what `spawn` has started, and removes the data directory, unless it is kept for analysis. */
  close(options?: { keep: boolean }): Promise<void>;
}

/** Starts a real instance in a folder of its own, on free ports; resolves when `up` reports that it is ready. */
export async function startInstance(
  mcpServers: object,
  env: Record<string, string> = {},
  upArgs: string[] = [],
): Promise<BenchInstance> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'mainspring-bench-'));
  const mark = path.basename(home);
  const config = path.join(home, 'bench.json');
  await writeFile(config, JSON.stringify({ mcpServers }));
  await mkdir(path.join(home, 'logs'), { mode: 0o700 });
  const startedAt = performance.now();
  const started: ChildProcess[] = [];
  const { TEMPORAL_ADDRESS: _own, ...inherited } = process.env;
  const start = (name: string, args: string[]) => {
    const log = openSync(path.join(home, 'logs', `bench-${name}.log`), 'a', 0o600);
    const child = spawn(process.execPath, [mainspringBin, ...args], {
      env: { ...inherited, MAINSPRING_HOME: home, MAINSPRING_HOST_ID: mark, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    started.push(child);
    return child;
  };
  const ports = ['--temporal-port', '0', '--ui-port', '0'];
  const up = start('up', ['up', '--config', config, ...ports, ...upArgs]);
  const instance = () =>
    until(
      'the instance is ready',
      async () => {
        const found = await readInstance(home);
        return found?.isReady && found;
      },
      { limitMs: START_LIMIT_MS, pollMs: 10 },
    );
  await Promise.race([instance(), endOf(up, home)]);
  return {
    home,
    mark,
    startedAt,
    instance,
    spawn: start,
    async close({ keep } = { keep: false }) {
      await stop(up, 'SIGTERM');
      await Promise.all(started.map((child) => stop(child, 'SIGKILL')));
      if (!keep) await rm(home, { recursive: true, force: true });
    },
  };
}

async function endOf(up: ChildProcess, home: string): Promise<never> {
  const [code] = (await once(up, 'exit')) as [number | null];
  throw new Error(`up ended with code ${code}; see ${home}/logs`);
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || !isRunning(child.pid)) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
