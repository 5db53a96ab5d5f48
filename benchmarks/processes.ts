import { readFileSync } from 'node:fs';
import { GROUP_MARK, HOST_MARK } from '../src/process/group-records';
import { processIds, readProc, readProcessStat, readStartVariable } from '../src/process/proc';
import { isAlive } from '../src/process/process-identity';
import { processStats } from '../src/process/process-stats';

const BYTES_PER_MB = 1024 * 1024;

/** Process that a host has started for one of its servers. */
export interface ServerProcess {
  pid: number;
  server: string;
  host: string;
  /** Whether the process of the host that started it still runs. */
  isOwned: boolean;
}

/** Returns the pids of every living process that carries the mark of an instance in its environment or command line. */
export function processesOf(mark: string): number[] {
  return living().filter(
    (pid) => pid !== process.pid && `${readProc(pid, 'environ')}${commandLine(pid)}`.includes(mark),
  );
}

/** Returns the processes of the servers of hosts whose ids start with the mark. */
export function serverProcesses(mark: string): ServerProcess[] {
  return living().flatMap((pid) => {
    const [host = '', server = ''] = readStartVariable(pid, GROUP_MARK)?.split('/') ?? [];
    if (!host.startsWith(mark)) return [];
    const [hostPid, startTime] = (readStartVariable(pid, HOST_MARK) ?? '').split('.').map(Number);
    if (hostPid === undefined || startTime === undefined) return [];
    return [{ pid, server, host, isOwned: isAlive({ pid: hostPid, startTime }) }];
  });
}

export function isRunning(pid: number): boolean {
  const state = readProcessStat(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Resident memory of all of them, in MB. */
export function residentMb(pids: readonly number[]): number {
  const bytes = pids.map((pid) => processStats(pid)?.rssBytes ?? 0);
  return bytes.reduce((sum, one) => sum + one, 0) / BYTES_PER_MB;
}

/** Processor time of all of them since their start, in seconds. */
export function cpuSeconds(pids: readonly number[]): number {
  const seconds = pids.map((pid) => processStats(pid)?.cpuSeconds ?? 0);
  return seconds.reduce((sum, one) => sum + one, 0);
}

export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return ''; // it has ended since it was found
  }
}

function living(): number[] {
  return processIds().filter(isRunning);
}
