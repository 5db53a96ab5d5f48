import { readdirSync, readFileSync } from 'node:fs';

/** Entry of a process in /proc. Linux only; every reader here returns undefined or empty elsewhere. */
export interface ProcessStat {
  state: string;
  /** Process group id. */
  group: number;
  /** Start time in clock ticks after boot; together with the pid it identifies a process for ever. */
  startTime: number;
  cpuTicks: number;
  threads: number;
}

/**
 * Whether nothing of a process is left but its entry. Its first thread may end before others, which still hold locks
 * and ports.
 */
export function isOver({ state, threads }: ProcessStat): boolean {
  return (state === 'Z' || state === 'X') && threads <= 1;
}

export function readProcessStat(pid: number): ProcessStat | undefined {
  const text = readProc(pid, 'stat');
  if (text === undefined) return undefined;
  // The name in parentheses may hold anything; the fields after the last ')' start with number 3, the state.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    state: fields[0] ?? '',
    group: field(5),
    startTime: field(22),
    cpuTicks: field(14) + field(15),
    threads: field(20),
  };
}

/** Returns for how long the first thread of a process was ready to run but got no CPU, in ms; 0 where that is not counted. */
export function readWaitedForCpuMs(pid: number): number {
  const [, nanoseconds] = readProc(pid, 'schedstat')?.split(' ') ?? [];
  return Number(nanoseconds ?? 0) / 1e6;
}

/** Returns a variable of the environment that a process was started with. */
export function readStartVariable(pid: number, name: string): string | undefined {
  const entries = readProc(pid, 'environ')?.split('\0') ?? [];
  const entry = entries.find((candidate) => candidate.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}

/** Reads a file of /proc/<pid>; returns undefined when the process is gone or not ours, or there is no /proc. */
export function readProc(
  pid: number,
  file: 'stat' | 'status' | 'environ' | 'schedstat',
): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8'); // one system call, unlike with other encodings
  } catch {
    return undefined;
  }
}

export function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return []; // not Linux
  }
}
