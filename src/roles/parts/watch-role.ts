import { type ChildProcess } from 'node:child_process';
import { judgeRole, ROLE_HEARTBEAT_MS, type RoleWatch } from '../../domain/hosts/role-watch';
import { readProcessStat, readWaitedForCpuMs } from '../../process/proc';
import { processStats } from '../../process/process-stats';
import { type RoleMessage } from '../lifetime';
import { type StartReport } from '../orders';

export interface RoleWatchHooks {
  /** Called when it is ready. */
  onReady: () => void;
  /** Called with what it reports about the servers. */
  onReport: (report: StartReport) => void;
  /** Called once when its event loop stands still: it will answer nothing, not even SIGTERM. */
  onBlocked: (reason: string) => void;
}

/**
 * Receives the messages of a role process, and watches its event loop from its first sign of life on; until the process
 * has exited.
 */
export function watchRole(
  child: ChildProcess,
  { onReady, onReport, onBlocked }: RoleWatchHooks,
): void {
  let last: Exclude<RoleMessage, StartReport> | undefined;
  let isReady = false;
  let hasReported = false;
  let cpuSeconds = 0;
  let waitedBeforeMs = 0;
  let watch: RoleWatch = { checkedAtMs: performance.now(), silentMs: 0, starvedMs: 0 };
  child.on('message', (message: RoleMessage) => {
    hasReported = true;
    if (typeof message === 'object') return onReport(message);
    last = message;
    if (message !== 'ready') return;
    isReady = true;
    onReady();
  });
  const looking = setInterval(() => {
    if (last === undefined) return;
    const isSuspended = last === 'debugged' || isStopped(child.pid);
    const waitedUntilNowMs = readWaitedForCpuMs(child.pid ?? 0);
    const waitedMs = waitedUntilNowMs - waitedBeforeMs;
    waitedBeforeMs = waitedUntilNowMs;
    const nowMs = performance.now();
    const look = judgeRole(watch, { nowMs, hasReported, isReady, isSuspended, waitedMs });
    watch = look.watch;
    hasReported = false;
    const usedSeconds = (processStats(child.pid ?? 0)?.cpuSeconds ?? 0) - cpuSeconds;
    if (look.finding === 'blocked') {
      clearInterval(looking);
      onBlocked(reasonOf(watch, usedSeconds));
    } else if (look.finding !== 'silent') {
      cpuSeconds += usedSeconds;
    }
  }, ROLE_HEARTBEAT_MS);
  child.once('exit', () => clearInterval(looking));
}

/** Whether it is stopped, by a signal or a debugger. */
function isStopped(pid: number | undefined): boolean {
  const state = pid === undefined ? undefined : readProcessStat(pid)?.state;
  return state === 'T' || state === 't';
}

function reasonOf({ silentMs }: RoleWatch, cpuSeconds: number): string {
  const seconds = Math.round(silentMs / 1_000);
  return `its event loop was blocked for ${seconds} s (${cpuSeconds.toFixed(1)} s of CPU used)`;
}
