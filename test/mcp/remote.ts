import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fixture } from './harness';

/** A remote server: a fixture in a process of its own, as if on another machine. */
export interface Remote {
  port: number;
  child: ChildProcess;
}

export async function startRemote(name: string, env: Record<string, string> = {}): Promise<Remote> {
  const child = spawn(process.execPath, [fixture(name)], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^listening (\d+)$/.exec(line)?.[1];
    if (port) return { port: Number(port), child };
  }
  throw new Error(`${name} did not start`);
}

export async function stopRemote({ child }: Remote): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
