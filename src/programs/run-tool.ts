import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { MainspringError } from '../base/errors';
import { MAX_LOG_LINE_BYTES } from '../domain/limits';
import { splitLines } from '../process/lines';
import { type ExitStatus, type ProcessGroup, spawnGroup } from '../process/spawn';
import { killGroup, stopGroup } from '../process/stop';
import { toolEnv } from './tool-env';
import { toolFailure } from './tool-failure';
import { type InstallIo, type RunTool, type ToolRun } from './installer';

/** Lines of a tool's output that are kept to explain a failure. */
const LAST_LINES = 60;
/** Maximum stdout that is kept; no output that we parse is longer. */
const MAX_STDOUT_BYTES = 4 * 1024 * 1024;
/** Time from SIGTERM to SIGKILL when an installation is cancelled: npm and uv remove their temporary files. */
const CANCEL_GRACE_MS = 1_000;
/** Time for the last output after a tool has ended. Only a process that left the process group uses all of it. */
const DRAIN_MS = 500;

export interface ToolHost {
  env: NodeJS.ProcessEnv;
  /** Folder for temporary files of tools, which not all of them remove; default: that of the system. */
  temporary?: string;
  /** Called for every new process group, at once, so that none outlives the host. */
  onSpawn: (pgid: number) => void;
  onGone: (pgid: number) => void;
}

/** Returns the function that runs tools for one installation. */
export function createRunTool(host: ToolHost, { signal, log }: InstallIo): RunTool {
  return async (run) => {
    signal.throwIfAborted();
    log(`$ ${[run.command, ...run.args].join(' ')}`);
    const group = await spawnTool(host, run);
    group.stdin.end();
    const output = collectOutput(group, log, run.quiet === true);
    const status = await untilGroupEnds(group, signal).finally(() => host.onGone(group.pid));
    await Promise.race([output.ended, delay(DRAIN_MS, undefined, { ref: false })]);
    signal.throwIfAborted();
    if (status.code === 0) return output.stdout();
    const ended = status.signal ?? `code ${status.code}`;
    throw toolFailure({ tool: run.command, ended, lines: output.lastLines() }, run.rules);
  };
}

async function spawnTool(host: ToolHost, run: ToolRun): Promise<ProcessGroup> {
  const { env, onSpawn, temporary } = host;
  try {
    const own = { NO_COLOR: '1', ...(temporary && { TMPDIR: temporary }) };
    const given = { ...own, ...toolEnv(env), ...run.env };
    return await spawnGroup({ ...run, env: given, onSpawn });
  } catch (error) {
    if (!(error instanceof MainspringError) || error.code !== 'COMMAND_NOT_FOUND') throw error;
    throw new MainspringError('PREREQUISITE_MISSING', error.message, { cause: error });
  }
}

/** Resolves when no process of the group is left; an abort ends the group. */
async function untilGroupEnds(group: ProcessGroup, signal: AbortSignal): Promise<ExitStatus> {
  const done = new AbortController();
  const cancelled = once(signal, 'abort', { signal: done.signal }).catch(() => undefined); // it ended uncancelled
  if (!signal.aborted) await Promise.race([group.exited, cancelled]);
  done.abort();
  if (signal.aborted) return stopGroup(group, { graceMs: CANCEL_GRACE_MS });
  await killGroup(group.pid); // processes that the tool has left behind
  return group.exited;
}

function collectOutput(group: ProcessGroup, log: (line: string) => void, isQuiet: boolean) {
  const last: string[] = [];
  const chunks: Buffer[] = [];
  let keptBytes = 0;
  const record = (line: string) => {
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    log(line);
  };
  const splitter = () =>
    splitLines({ maxBytes: MAX_LOG_LINE_BYTES, onLine: record, onTooLong: 'cut' });
  const [outLines, errorLines] = [splitter(), splitter()];
  group.stdout.on('data', (chunk: Buffer) => {
    if (!isQuiet) outLines.write(chunk);
    if (keptBytes + chunk.length > MAX_STDOUT_BYTES) return;
    keptBytes += chunk.length;
    chunks.push(chunk);
  });
  group.stderr.on('data', (chunk: Buffer) => errorLines.write(chunk));
  const streams = [group.stdout, group.stderr].map(
    (stream) => finished(stream).catch(() => undefined), // a broken one has no more to say
  );
  const ended = Promise.all(streams).then(() => {
    outLines.end();
    errorLines.end();
  });
  return { ended, stdout: () => Buffer.concat(chunks).toString(), lastLines: () => [...last] };
}
