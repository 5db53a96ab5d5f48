import { isOver, processIds, readProcessStat } from './proc';
import { processStats, type ProcessStats } from './process-stats';

/** Usage of all processes of a group together. */
export interface GroupUsage extends ProcessStats {
  threads: number;
  /** Whether its leader was stopped by a signal, and does nothing until it is continued. */
  isSuspended: boolean;
}

/** Time for which one scan of all processes of the machine serves every group: hosts measure many at once. */
const MEMBERS_AGE_MS = 2_000;

let members = new Map<number, number[]>();
let scannedAtMs = -Infinity;

/** Measures a group; undefined when its leader is gone or there is no /proc. A process that has just joined may be missing. */
export function groupUsage(pgid: number): GroupUsage | undefined {
  const leader = readProcessStat(pgid);
  if (leader === undefined || isOver(leader)) return undefined;
  const usage = { rssBytes: 0, cpuSeconds: 0, threads: 0, isSuspended: leader.state === 'T' };
  for (const pid of membersOf(pgid)) {
    const stats = processStats(pid);
    const threads = readProcessStat(pid)?.threads;
    if (stats === undefined || threads === undefined) continue;
    usage.rssBytes += stats.rssBytes;
    usage.cpuSeconds += stats.cpuSeconds;
    usage.threads += threads;
  }
  return usage;
}

function membersOf(pgid: number): number[] {
  const isFresh = performance.now() - scannedAtMs < MEMBERS_AGE_MS;
  if (!isFresh || !members.has(pgid)) {
    members = groups();
    scannedAtMs = performance.now();
  }
  return members.get(pgid) ?? [];
}

function groups(): Map<number, number[]> {
  const pidsByGroup = new Map<number, number[]>();
  for (const pid of processIds()) {
    const group = readProcessStat(pid)?.group;
    if (group === undefined) continue;
    const pids = pidsByGroup.get(group);
    if (pids) pids.push(pid);
    else pidsByGroup.set(group, [pid]);
  }
  return pidsByGroup;
}
