import { setTimeout as delay } from 'node:timers/promises';
import { isGroupAlive, signalGroup } from './group-liveness';
import { type ExitStatus, type ProcessGroup } from './spawn';

/** Time that a server may take to end by itself after its stdin was closed, before it gets SIGTERM. */
const STDIN_GRACE_MS = 100;
/** Longest wait after SIGKILL for the kernel to clean up. */
const KILL_WAIT_MS = 5_000;
const FIRST_POLL_MS = 2;
const MAX_POLL_MS = 25;

const stops = new WeakMap<ProcessGroup, Promise<ExitStatus>>();

/**
 * Ends a process group: closes stdin, then SIGTERM, then SIGKILL when the grace is over. Resolves with the exit of the
 * leader when nothing of the group is left. A second stop joins the first one.
 */
export function stopGroup(
  group: ProcessGroup,
  { graceMs }: { graceMs: number },
): Promise<ExitStatus> {
  const stop = stops.get(group) ?? escalate(group, graceMs);
  stops.set(group, stop);
  return stop;
}

async function escalate(group: ProcessGroup, graceMs: number): Promise<ExitStatus> {
  const politeMs = Math.min(STDIN_GRACE_MS, graceMs / 2);
  group.stdin.end();
  if (await isGoneWithin(group, politeMs)) return group.exited;
  signalGroup(group.pid, 'SIGTERM');
  if (!(await isGoneWithin(group, graceMs - politeMs))) await killGroup(group.pid);
  return group.exited;
}

/** Kills every process of a group at once; resolves when none is left. */
export async function killGroup(pgid: number): Promise<void> {
  const deadline = performance.now() + KILL_WAIT_MS;
  // Repeat: a process that was forking while the signal was sent leaves a new member behind.
  for (
    let pauseMs = 1;
    performance.now() < deadline;
    pauseMs = Math.min(pauseMs * 2, MAX_POLL_MS)
  ) {
    signalGroup(pgid, 'SIGKILL');
    if (!isGroupAlive(pgid)) return;
    await delay(pauseMs);
  }
}

/** Waits for the leader's exit event first, because polling would only be later. */
async function isGoneWithin(group: ProcessGroup, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  const timer = new AbortController();
  const timeout = delay(waitMs, 'late', { signal: timer.signal }).catch(() => 'late');
  const first = await Promise.race([group.exited, timeout]);
  timer.abort();
  if (first === 'late') return false;
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_POLL_MS)) {
    if (!isGroupAlive(group.pid)) return true;
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) return false;
    await delay(Math.min(pauseMs, leftMs));
  }
}
