import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MainspringError } from '../domain/errors';

/** First restart at once, then slower: a role that cannot start must not eat the machine. */
const RESTART_DELAYS_MS = [0, 200, 500, 1_000, 2_000, 5_000];
/** Running this long makes the next death count as the first. */
const STABLE_AFTER_MS = 10_000;
/** Deaths in a row before the first work: then `up` gives up. */
const MAX_FAILED_STARTS = 3;
const LOG_LINES_IN_ERRORS = 5;
/** Above the limit that a role gives itself. */
const STOP_LIMIT_MS = 35_000;

export interface RoleOptions {
  name: string;
  /** Arguments of the `mainspring` command. */
  args: string[];
  env: NodeJS.ProcessEnv;
  logFile: string;
  /** The process or its pid has changed. */
  onChange: () => void;
  onExit: (how: string) => void;
}

/** A role as a child process of `up`, started again whenever it dies. */
export class RoleProcess {
  /** Resolves when the role does its work for the first time; rejects when it keeps dying before that. */
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
    this.#start();
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the role: it hands over what it has, and is killed if it does not come to an end. */
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

  #start(): void {
    const { args, env, logFile, onChange } = this.options;
    mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
    const log = openSync(logFile, 'a', 0o600);
    const startedAt = Date.now();
    // In a session of its own: Ctrl-C in the terminal reaches `up`, which stops its children in order.
    const child = spawn(process.execPath, [process.argv[1] ?? '', ...args], {
      env,
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#child = child;
    child.once('message', () => this.#markReady());
    child.once('exit', (code, signal) => void this.#restart(startedAt, signal ?? `code ${code}`));
    onChange();
  }

  async #restart(startedAt: number, how: string): Promise<void> {
    this.#child = undefined;
    if (this.#isStopping) return;
    this.options.onExit(how);
    this.options.onChange();
    if (this.#deaths + 1 >= MAX_FAILED_STARTS) this.#markFailed(startFailed(this.options, how));
    this.#deaths = Date.now() - startedAt > STABLE_AFTER_MS ? 0 : this.#deaths + 1;
    const last = RESTART_DELAYS_MS.length - 1;
    await sleep(RESTART_DELAYS_MS[Math.min(this.#deaths, last)]);
    if (!this.#isStopping) this.#start();
  }
}

function startFailed({ name, logFile }: RoleOptions, how: string): MainspringError {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_IN_ERRORS);
  return new MainspringError(
    'START_FAILED',
    `The ${name} does not start (${how}):\n  ${lines.join('\n  ')}`,
    { fix: `Read ${logFile}.` },
  );
}
