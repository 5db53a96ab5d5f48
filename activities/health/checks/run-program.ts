import { once } from 'node:events';
import { type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { MAX_LOG_LINE_BYTES } from '../../../src/domain/limits';
import { groupMarks } from '../../../src/process/group-records';
import { splitLines } from '../../../src/process/lines';
import { type ProcessGroup, spawnGroup } from '../../../src/process/spawn';
import { killGroup } from '../../../src/process/stop';
import { type Limit, type Subject } from './subject';

/** Last lines of its output that explain a failure. */
const MAX_FAILURE_LINES = 3;
/** Time for its last output after its end, in ms. Only a process that left its group uses it up. */
const DRAIN_MS = 100;

interface Program {
  command: string;
  args: string[];
}

/** Failure of a program, with the end of its output. */
export interface ProgramFailure {
  how: string;
  said: string[];
}

/**
 * Runs a program with the server's environment: its exit code shows whether the server is well. Nothing of it outlives
 * the limit.
 */
export async function runProgram(
  program: Program,
  subject: Subject,
  limit: Limit,
): Promise<ProgramFailure | undefined> {
  const { serving, host } = subject;
  const { process: own, name } = serving.resolved;
  const group = await spawnGroup({
    ...program,
    env: { ...own?.env, ...describe(subject), ...groupMarks(host.hostId, name) },
    cwd: own?.cwd ?? host.home,
    onSpawn: (pgid) => {
      host.guard.watch(pgid);
      host.groups.add(pgid, name);
    },
  });
  const output = collectOutput(group);
  group.stdin.end();
  await untilOver(group, limit.signal).finally(() => {
    host.guard.release(group.pid);
    host.groups.remove(group.pid);
  });
  await Promise.race([output.ended, delay(DRAIN_MS, undefined, { ref: false })]);
  limit.signal.throwIfAborted();
  const { code, signal } = await group.exited;
  if (code === 0) return undefined;
  const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
  return { how, said: output.lastLines() };
}

/** Resolves when nothing of the group is left, or `signal` fires. */
async function untilOver(group: ProcessGroup, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const cancelled = once(signal, 'abort', { signal: done.signal }).catch(() => undefined); // it ended uncancelled
  if (!signal.aborted) await Promise.race([group.exited, cancelled]);
  done.abort();
  await killGroup(group.pid);
}

/** Returns variables that describe the server to a program. */
function describe({ serving }: Subject): Record<string, string> {
  const { connection, resolved } = serving;
  return {
    MAINSPRING_SERVER: resolved.name,
    ...(connection.pid !== undefined && { MAINSPRING_SERVER_PID: String(connection.pid) }),
    ...(resolved.type !== 'stdio' && { MAINSPRING_SERVER_URL: resolved.remote.url }),
  };
}

function collectOutput({ stdout, stderr }: ProcessGroup) {
  const last: string[] = [];
  const onLine = (line: string) => {
    if (line.trim() !== '') last.push(line.trim());
    if (last.length > MAX_FAILURE_LINES) last.shift();
  };
  const read = async (stream: Readable) => {
    const lines = splitLines({ maxBytes: MAX_LOG_LINE_BYTES, onLine, onTooLong: 'cut' });
    stream.on('data', (chunk: Buffer) => lines.write(chunk));
    await finished(stream).catch(() => undefined); // a broken one has no more to say
    lines.end();
  };
  return { ended: Promise.all([stdout, stderr].map(read)), lastLines: () => last };
}
