import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readInstance, type Instance } from '../src/client/instance';
import { packageRoot } from '../src/package-root';

const POLL_MS = 10;

export const mainspringBin = path.join(packageRoot(), 'bin', 'mainspring.js');
export const tinyServer = path.join(packageRoot(), 'test', 'fixtures', 'tiny-server.js');

export interface BenchInstance {
  home: string;
  /** When `up` was started, on the clock of `performance.now`. */
  startedAt: number;
  instance(): Promise<Instance>;
  close(): Promise<void>;
}

/** A real instance in a folder of its own, with any free ports; resolves when `up` says that it is ready. */
export async function startInstance(
  mcpServers: object,
  env: Record<string, string> = {},
): Promise<BenchInstance> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'mainspring-bench-'));
  const config = path.join(home, 'bench.json');
  await writeFile(config, JSON.stringify({ mcpServers }));
  const startedAt = performance.now();
  const ports = ['--temporal-port', '0', '--ui-port', '0'];
  const up = spawn(process.execPath, [mainspringBin, 'up', '--config', config, ...ports], {
    env: { ...process.env, ...env, MAINSPRING_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  up.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const instance = async () => {
    for (;;) {
      const found = await readInstance(home);
      if (found?.isReady) return found;
      if (up.exitCode !== null) throw new Error(`up ended with code ${up.exitCode}:\n${said}`);
      await sleep(POLL_MS);
    }
  };
  await instance();
  return { home, startedAt, instance, close: () => close(up, home) };
}

/** Resident memory of a process, in MB. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

async function close(up: ChildProcess, home: string): Promise<void> {
  const exited = once(up, 'exit');
  up.kill('SIGTERM');
  await exited;
  await rm(home, { recursive: true, force: true });
}
