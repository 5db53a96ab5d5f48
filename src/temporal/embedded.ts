import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MainspringError } from '../base/errors';
import { type ExitStatus } from '../process/spawn';
import { signalGroup } from '../process/group-liveness';
import { killGroup } from '../process/stop';
import { dynamicConfigFlags } from './dynamic-config';
import { isServing } from './is-serving';
import { SEARCH_ATTRIBUTES } from './search-attributes';

/**
 * Longest wait for a started server to be ready. 0.3 s is usual; a loaded machine may need many
 * seconds.
 */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 20;
/** A server that has accepted a connection answers in milliseconds, or is asked again. */
const ANSWER_TIMEOUT_MS = 3_000;
/** Time between SIGTERM and SIGKILL; 1.1 s is usual. The database survives both. */
const STOP_GRACE_MS = 10_000;
/** The log is rotated at a start if it is larger; one old file is kept. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;
const LOG_LINES_IN_ERRORS = 5;

/**
 * How much Go's heap may grow before it is collected, in percent, and from where on it is collected
 * more often instead. Go's default of 100 costs a tenth more CPU time per call, and saves 3 MB when
 * idle. Temporal takes both from its environment, whoever has built it.
 */
const GO_HEAP = { GOGC: '200', GOMEMLIMIT: '600MiB' };

export interface EmbeddedTemporalOptions {
  /** Path of the `temporal` executable, see `findTemporal`. */
  executable: string;
  /** SQLite file; created if missing. The server keeps other files beside it, with suffixes. */
  dbFile: string;
  ip: string;
  /** Free port, see `choosePort`. */
  port: number;
  uiPort: number;
  /** Starts without the Temporal UI. */
  headless?: boolean;
  namespace: string;
  /**
   * When SQLite waits for the disk. `full` waits at each transaction. `normal`, the default, waits
   * only now and then, so that a power cut may undo the last transactions: calls that were accepted
   * or had begun. A crash of the process undoes nothing either way.
   */
  sqliteSync?: 'full' | 'normal';
  /** Output is appended here. */
  logFile: string;
  /** Uses our dynamic config (default). False uses Temporal's own, for comparison. */
  tuned?: boolean;
  /** Called with the pid before anything is awaited, so that a guard can be notified. */
  onSpawn?: (pid: number) => void;
  /** Called when that process has exited, even if it was never ready. */
  onGone?: (pid: number) => void;
}

/**
 * The server exited before it was ready: a port was taken meanwhile, the database cannot be used, …
 */
export class TemporalExited extends MainspringError {}

export interface EmbeddedTemporal {
  address: string;
  uiUrl?: string;
  /** Leader of its own process group, which outlives this process unless a guard ends it. */
  pid: number;
  exited: Promise<ExitStatus>;
  /** Stops the server, by force if necessary. Safe to call again, and after it has exited. */
  stop(): Promise<void>;
}

/**
 * Starts `temporal server start-dev` and resolves when it is ready. Otherwise fails with
 * TEMPORAL_FAILED and its last output.
 */
export async function startEmbeddedTemporal(
  options: EmbeddedTemporalOptions,
): Promise<EmbeddedTemporal> {
  const { ip, port, uiPort, headless = false } = options;
  const log = openLog(options.logFile);
  const child = spawn(options.executable, flags(options), {
    env: { ...GO_HEAP, ...process.env },
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  });
  closeSync(log.fd);
  const exited = exitOf(child);
  const withLastLines = (reason: string) => [reason, ...lastLines(log)].join('\n  ');
  const fix = `Check ${options.logFile}.`;
  const { pid } = child;
  if (pid === undefined) {
    const error = await exited.catch((cause: unknown) => cause);
    const reason = withLastLines(`cannot run ${options.executable}: ${String(error)}`);
    throw new MainspringError('TEMPORAL_FAILED', reason, { fix, cause: error });
  }
  options.onSpawn?.(pid);
  void exited.then(() => options.onGone?.(pid));
  const stop = stopper(pid, exited);
  const address = `${ip}:${port}`;
  const outcome = await firstOutcome(exited, address);
  if (outcome === 'silent') {
    await stop();
    const reason = `Temporal did not respond at ${address} within ${START_TIMEOUT_MS / 1_000} s`;
    throw new MainspringError('TEMPORAL_FAILED', withLastLines(reason), { fix });
  }
  if (outcome !== 'answering') {
    const reason = `Temporal exited immediately (${outcome.signal ?? `code ${outcome.code}`})`;
    throw new TemporalExited('TEMPORAL_FAILED', withLastLines(reason), { fix });
  }
  const uiUrl = `http://${ip}:${uiPort}`;
  return { address, ...(!headless && { uiUrl }), pid, exited, stop };
}

function flags(options: EmbeddedTemporalOptions): string[] {
  const { dbFile, ip, port, uiPort, headless = false, namespace, tuned = true } = options;
  const { sqliteSync = 'normal' } = options;
  const pragmas = ['journal_mode=WAL', `synchronous=${sqliteSync.toUpperCase()}`];
  return [
    ...['server', 'start-dev', '--ip', ip, '--port', `${port}`, '--namespace', namespace],
    ...(headless ? ['--headless'] : ['--ui-port', `${uiPort}`]),
    ...['--db-filename', dbFile, '--log-level', 'warn'],
    ...pragmas.flatMap((pragma) => ['--sqlite-pragma', pragma]),
    // Set at the start: an attribute that is registered later takes seconds to spread.
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
      '--search-attribute',
      `${name}=${type}`,
    ]),
    ...(tuned ? dynamicConfigFlags() : []),
  ];
}

interface Log {
  file: string;
  fd: number;
  /** Position in the file at which the output of this start begins. */
  offset: number;
}

function openLog(file: string): Log {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  let offset = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (offset > MAX_LOG_BYTES) {
    renameSync(file, `${file}.1`);
    offset = 0;
  }
  return { file, fd: openSync(file, 'a', 0o600), offset };
}

function lastLines({ file, offset }: Log): string[] {
  const text = readFileSync(file).subarray(offset).toString('utf8');
  return text.split('\n').filter(Boolean).slice(-LOG_LINES_IN_ERRORS);
}

function exitOf(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function stopper(pid: number, exited: Promise<ExitStatus>): () => Promise<void> {
  let running = true;
  void exited.then(() => (running = false));
  return async () => {
    if (!running) return;
    signalGroup(pid, 'SIGTERM');
    const timer = new AbortController();
    const late = delay(STOP_GRACE_MS, 'late' as const, { signal: timer.signal });
    const first = await Promise.race([exited, late]);
    timer.abort();
    late.catch(() => undefined); // aborted
    if (first === 'late') await killGroup(pid);
    await exited;
  };
}

async function firstOutcome(
  exited: Promise<ExitStatus>,
  address: string,
): Promise<ExitStatus | 'answering' | 'silent'> {
  const settled = new AbortController();
  try {
    return await Promise.race([
      exited,
      untilServing(address, settled.signal),
      delay(START_TIMEOUT_MS, 'silent' as const, { signal: settled.signal }),
    ]);
  } finally {
    settled.abort();
  }
}

async function untilServing(address: string, signal: AbortSignal): Promise<'answering'> {
  while (!(await isServing(address, ANSWER_TIMEOUT_MS))) {
    await delay(POLL_MS, undefined, { signal });
  }
  return 'answering';
}
