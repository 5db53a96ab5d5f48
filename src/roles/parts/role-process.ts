import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MainspringError, reportOf } from '../../base/errors';
import { type StartReport, type UpOrder } from '../orders';
import { watchRole } from './watch-role';

/** First restart at once, then slower: a role that cannot start must not eat the machine. */
const RESTART_DELAYS_MS = [0, 200, 500, 1_000, 2_000, 5_000];
/** Running this long makes the next death count as the first. */
const STABLE_AFTER_MS = 10_000;
/** Deaths in a row before the first readiness after which `up` fails. */
const MAX_FAILED_STARTS = 3;
const LOG_LINES_IN_ERRORS = 5;
/** Longer than the limit that a role has for itself, in ms. One whose event loop is blocked is killed long before. */
const STOP_LIMIT_MS = 35_000;

export interface RoleOptions {
  name: string;
  /** Arguments of node: the program and its arguments. */
  args: string[];
  /** Returns the environment of the next start. */
  env: () => Promise<NodeJS.ProcessEnv>;
  /** Called with each new process; `send` gives it an order while it lives. */
  onStart: (send: (order: UpOrder) => void) => void;
  /** Called with what it reports about the servers. */
  onReport: (report: StartReport) => void;
  logFile: string;
  /** Called with the new process before anything is awaited: here a guard is notified. */
  onSpawn: (pid: number) => void;
  onGone: (pid: number) => void;
  /** Called when the process or its pid has changed. */
  onChange: () => void;
  /** Called when it was killed because its event loop had stood still. */
  onBlocked: (reason: string, pid: number) => void;
  /** Called with a line for people. */
  onProgress: (line: string) => void;
}

/** Role as a child process of `up`, started again whenever it dies. */
export class RoleProcess {
  /** Resolves when the role is ready for the first time; rejects when it keeps dying before that. */
  readonly ready: Promise<void>;
  #child: ChildProcess | undefined;
  #isStopping = false;
  #deaths = 0;
  #markReady: () => void = () => undefined;
  #markFailed: (error: MainspringError) => void = () => undefined;

  constructor(private readonly options: RoleOptions) {
    this.ready = new Promise((resolve, reject) => {
      this.#markReady = resolve;
      this.#markFailed = reject;
    });
    this.ready.catch(() => undefined); // whoever waits for it gets it; nobody else needs to
    void this.#start();
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the role: it hands over what it has, and is killed if it does not end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (!child) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(timer);
  }

  async #start(): Promise<void> {
    const startedAt = Date.now();
    try {
      const env = await this.options.env();
      if (!this.#isStopping) this.#spawn(env, startedAt);
    } catch (error) {
      void this.#restart(startedAt, reportOf(error).message);
    }
  }

  #spawn(env: NodeJS.ProcessEnv, startedAt: number): void {
    const { name, args, onSpawn, onGone, onChange, onBlocked, onProgress } = this.options;
    const { onStart, onReport } = this.options;
    const child = this.#launch(args, env);
    const { pid } = child;
    child.once('error', (error) => {
      if (pid === undefined) void this.#restart(startedAt, error.message);
    });
    if (pid === undefined) return;
    this.#child = child;
    onSpawn(pid);
    child.once('exit', (code, signal) => {
      onGone(pid);
      void this.#restart(startedAt, signal ?? `exit code ${code}`);
    });
    watchRole(child, {
      onReady: () => this.#markReady(),
      onReport,
      onBlocked: (reason) => {
        child.kill('SIGKILL'); // all else needs an event loop
        onProgress(`The ${name} (pid ${pid}) was killed: ${reason}.`);
        onBlocked(reason, pid);
      },
    });
    onStart((order) => {
      if (child.connected) child.send(order, () => undefined); // 'exit' reports that it is gone
    });
    onChange();
  }

  #launch(args: string[], env: NodeJS.ProcessEnv): ChildProcess {
    const log = this.#openLog();
    try {
      // In a session of its own: Ctrl-C in the terminal reaches `up`, which stops its children in order.
      return spawn(process.execPath, args, {
        env,
        detached: true,
        stdio: ['ignore', log, log, 'ipc'],
      });
    } finally {
      if (log !== 'ignore') closeSync(log);
    }
  }

  /** Opens the log, or goes without one: a full disk is no reason to stand still. */
  #openLog(): number | 'ignore' {
    const { name, logFile, onProgress } = this.options;
    try {
      mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
      return openSync(logFile, 'a', 0o600);
    } catch (error) {
      onProgress(`The ${name} is running without a log: ${reportOf(error).message}`);
      return 'ignore';
    }
  }

  async #restart(startedAt: number, how: string): Promise<void> {
    this.#child = undefined;
    if (this.#isStopping) return;
    const { name, logFile, onChange, onProgress } = this.options;
    onProgress(`The ${name} exited (${how}) and is being restarted. See ${logFile}`);
    onChange();
    if (this.#deaths + 1 >= MAX_FAILED_STARTS) this.#markFailed(startFailed(this.options, how));
    this.#deaths = Date.now() - startedAt > STABLE_AFTER_MS ? 0 : this.#deaths + 1;
    const last = RESTART_DELAYS_MS.length - 1;
    await sleep(RESTART_DELAYS_MS[Math.min(this.#deaths, last)]);
    if (!this.#isStopping) await this.#start();
  }
}

function startFailed({ name, logFile }: RoleOptions, how: string): MainspringError {
  return new MainspringError(
    'START_FAILED',
    `The ${name} failed to start (${how}):\n  ${lastLines(logFile).join('\n  ')}`,
    { fix: `Read the log: ${logFile}.` },
  );
}

function lastLines(logFile: string): string[] {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_IN_ERRORS);
  } catch {
    return []; // it could not be written
  }
}
