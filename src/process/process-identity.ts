import { isNativeError } from 'node:util/types';
import { isOver, readProcessStat } from './proc';

/** Identifies one process for ever: a pid is reused, a pid with its start time is not. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks after boot; undefined where there is no /proc. */
  startTime?: number;
}

/** Returns the identity of a running process. */
export function identityOf(pid: number): ProcessIdentity {
  const startTime = readProcessStat(pid)?.startTime;
  return startTime === undefined ? { pid } : { pid, startTime };
}

/** Whether exactly this process still runs. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const stat = readProcessStat(pid);
  if (stat === undefined) return startTime === undefined && respondsToSignals(pid);
  if (isOver(stat)) return false;
  return startTime === undefined || stat.startTime === startTime;
}

/** Whether any process has this pid, where there is no /proc. */
function respondsToSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return isNativeError(error) && 'code' in error && error.code === 'EPERM';
  }
}
