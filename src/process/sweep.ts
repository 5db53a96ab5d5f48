import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { containersFolder, endContainers } from './container';
import { signalGroup } from './group-liveness';
import {
  GROUP_MARK,
  HOST_MARK,
  HOST_RECORD,
  hostMark,
  type HostRecord,
  hostsFolder,
  upRecordFile,
} from './group-records';
import { processIds, readProcessStat, readStartVariable } from './proc';
import { isAlive, type ProcessIdentity } from './process-identity';

/** Longest wait for swept processes to be gone. */
const SWEEP_WAIT_MS = 5_000;
const POLL_MS = 5;

/** Process that a dead host had left behind. It is gone now. */
export interface SweptProcess {
  hostId: string;
  server: string;
  pid: number;
}

/**
 * Kills what dead hosts left running, ends their containers, and removes their records. A process is recognised by the
 * marks in its environment: one that left its group is found, one that got a reused pid is not touched, and neither is
 * any group of a living host. Without /proc nothing can be recognised; there the guard is the only mechanism.
 */
export async function sweepOrphans(
  home: string,
  /** Called when nothing of this host process is left, before its record is removed. */
  onSwept?: (hostId: string, host: ProcessIdentity) => Promise<void>,
): Promise<SweptProcess[]> {
  const swept: SweptProcess[] = [];
  for (const { file, hostId, record } of readRecords(home)) {
    if (isAlive(record.host)) continue;
    swept.push(...(await sweepHost(hostId, record)));
    await endContainers(containersFolder(home, hostId, record.host));
    await onSwept?.(hostId, record.host);
    // A successor with the same id may have started meanwhile, and replaced the record by its own.
    if (readRecord(file)?.host.pid === record.host.pid) rmSync(file, { force: true });
  }
  return swept;
}

/**
 * Kills the parts that a dead `up` of this data directory left running: its Temporal still has the database, its host
 * the ID. Only for the holder of the lock of `up`. Their own guards end what they had started.
 */
export async function sweepUp(home: string): Promise<SweptProcess[]> {
  const record = readRecord(upRecordFile(home));
  return record ? sweepHost('up', record) : [];
}

/** Whether another host of this data directory than `ownId` has died without a trace of its end. */
export function hasDeadHost(home: string, ownId: string): boolean {
  return recordFiles(home).some((file) => {
    if (idOf(file) === ownId) return false;
    const record = readRecord(file);
    return record !== undefined && !isAlive(record.host);
  });
}

/** Returns the pids of the hosts that run on this data directory, by ID. */
export function livingHosts(home: string): Record<string, number> {
  const living = readRecords(home).filter(({ record }) => isAlive(record.host));
  return Object.fromEntries(living.map(({ hostId, record }) => [hostId, record.host.pid]));
}

/** Returns the process that last ran as host `hostId` on this data directory and has not ended in order. */
export function recordedHost(home: string, hostId: string): ProcessIdentity | undefined {
  return readRecord(join(hostsFolder(home), `${hostId}.json`))?.host;
}

async function sweepHost(hostId: string, record: HostRecord): Promise<SweptProcess[]> {
  const swept = new Map<number, SweptProcess>();
  const deadline = performance.now() + SWEEP_WAIT_MS;
  // Repeat until none is found: a process that was forking meanwhile leaves a new one behind.
  for (;;) {
    const left = [...recordedLeaders(hostId, record), ...markedProcesses(hostId, record)];
    for (const orphan of left) {
      swept.set(orphan.pid, orphan);
      if (!signalGroup(orphan.pid, 'SIGKILL')) killOne(orphan.pid);
    }
    if (left.length === 0 || performance.now() > deadline) return [...swept.values()];
    await delay(POLL_MS);
  }
}

/** Returns the leaders that run with the recorded start time: they are ours even if they have overwritten their environment. */
function recordedLeaders(hostId: string, { groups }: HostRecord): SweptProcess[] {
  return groups
    .filter(({ leader }) => leader.startTime !== undefined && isAlive(leader))
    .map(({ server, leader }) => ({ hostId, server, pid: leader.pid }));
}

function markedProcesses(hostId: string, { host }: HostRecord): SweptProcess[] {
  const prefix = `${hostId}/`;
  return processIds().flatMap((pid) => {
    const mark = readStartVariable(pid, GROUP_MARK);
    if (!mark?.startsWith(prefix)) return [];
    if (readStartVariable(pid, HOST_MARK) !== hostMark(host)) return [];
    if (readProcessStat(pid)?.state === 'Z') return [];
    return [{ hostId, server: mark.slice(prefix.length), pid }];
  });
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself since it was found.
  }
}

function readRecords(home: string): { file: string; hostId: string; record: HostRecord }[] {
  return recordFiles(home).flatMap((file) => {
    const record = readRecord(file);
    return record ? [{ file, hostId: idOf(file), record }] : [];
  });
}

const idOf = (recordFile: string) => basename(recordFile, '.json');

function recordFiles(home: string): string[] {
  try {
    const names = readdirSync(hostsFolder(home)).filter((name) => name.endsWith('.json'));
    return names.map((name) => join(hostsFolder(home), name));
  } catch {
    return []; // no host has ever run here
  }
}

/** Reads a record; returns undefined for any other file: records are written atomically, so a broken file is not one. */
function readRecord(file: string): HostRecord | undefined {
  try {
    return HOST_RECORD.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
