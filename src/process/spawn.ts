import { type ChildProcess, spawn } from 'node:child_process';
import { type Readable, type Writable } from 'node:stream';
import { MainspringError } from '../base/errors';
import { resolveCommand } from './command';
import { inheritedEnv } from './environment';
import { signalGroup } from './group-liveness';

/** Exit of a process: with a code, or by a signal. */
export interface ExitStatus {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Running child that leads its own process group. */
export interface ProcessGroup {
  /** Process ID of the leader; also the ID of the group. */
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the leader has exited; others of the group may still run. */
  readonly exited: Promise<ExitStatus>;
}

export interface SpawnOptions {
  command: string;
  args: string[];
  /** Variables in addition to the inherited ones. */
  env: Record<string, string>;
  cwd: string;
  /** Called synchronously with the new group, before anything else can fail: the place to notify the guard. */
  onSpawn?: (pgid: number) => void;
}

/** Starts a program in its own process group and session, with pipes and a small environment. */
export async function spawnGroup(options: SpawnOptions): Promise<ProcessGroup> {
  const { command, args, cwd } = options;
  const env = { ...inheritedEnv(), ...options.env };
  const file = resolveCommand(command, cwd, env);
  const child = spawn(file, args, { argv0: command, cwd, env, detached: true, stdio: 'pipe' });
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined) throw await startError(command, child);
  try {
    options.onSpawn?.(pid);
  } catch (error) {
    signalGroup(pid, 'SIGKILL');
    throw error;
  }
  const exited = new Promise<ExitStatus>((settle) => {
    child.once('exit', (code, signal) => settle({ code, signal }));
  });
  // Errors of a live child's pipes end in `exited` or in the writer's callback.
  for (const emitter of [child, stdin, stdout, stderr]) emitter.on('error', () => undefined);
  return { pid, stdin, stdout, stderr, exited };
}

/** Waits for the 'error' event, which follows when there is no pid. */
function startError(command: string, child: ChildProcess): Promise<MainspringError> {
  return new Promise((settle) => {
    child.once('error', (cause) => {
      const message = `"${command}" cannot be started: ${cause.message}`;
      settle(new MainspringError('COMMAND_NOT_EXECUTABLE', message, { cause }));
    });
  });
}
