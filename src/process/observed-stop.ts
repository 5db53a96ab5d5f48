import { setTimeout as delay } from 'node:timers/promises';
import { isGroupAlive, signalGroup } from './group-liveness';
import { type ProcessGroup } from './spawn';
import { killGroup } from './stop';

/** Time that the rest of a group may take to end after the exit of its leader. */
const FOLLOW_MS = 1_000;
const POLL_MS = 10;

/** Result of ending a process group. */
export interface ObservedStop {
  by: 'stdin' | 'SIGTERM' | 'SIGKILL';
  /** Time from the closing of stdin to the exit of the leader. */
  tookMs: number;
  /** Whether processes of the group outlived their leader, and had to be killed. */
  leftOthers: boolean;
}

/**
 * Ends a process group like stopGroup, but gives each step all of the grace, and reports which one it took. Nothing of
 * the group is left when it resolves.
 */
export async function observeStop(group: ProcessGroup, graceMs: number): Promise<ObservedStop> {
  const startedAt = performance.now();
  group.stdin.end();
  let by: ObservedStop['by'] = 'stdin';
  if (!(await hasExited(group, graceMs))) {
    by = 'SIGTERM';
    signalGroup(group.pid, 'SIGTERM');
    if (!(await hasExited(group, graceMs))) by = 'SIGKILL';
  }
  const tookMs = performance.now() - startedAt;
  const leftOthers = by !== 'SIGKILL' && !(await othersFollow(group.pid));
  await killGroup(group.pid);
  return { by, tookMs, leftOthers };
}

async function hasExited(group: ProcessGroup, waitMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(waitMs, false, { signal: timer.signal }).catch(() => false);
  const exited = await Promise.race([group.exited.then(() => true), late]);
  timer.abort();
  return exited;
}

async function othersFollow(pgid: number): Promise<boolean> {
  const deadline = performance.now() + FOLLOW_MS;
  while (isGroupAlive(pgid)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
