import { type ErrorReport } from '../../base/errors';
import { type SessionExited } from './session';
import { type RestartPolicy } from '../spec';
import { type ServerState } from '../states';

/** Consecutive crash loops (each a generation of its own) after which a server is in ERROR. */
export const MAX_CRASH_LOOPS = 3;
/** Attempts to start a child that has never been ready, before the session fails. */
export const MAX_START_ATTEMPTS = 3;

/** Failures of a session's child so far. Times are milliseconds since the epoch. */
export interface RestartHistory {
  /** Times at which the child was restarted within the policy's window, oldest first. */
  restartsAtMs: readonly number[];
  /** Failures since the child last ran for `stableAfterMs`. */
  consecutive: number;
  /** Whether this session's child has ever been ready. */
  hasBeenReady: boolean;
}

export const NO_RESTARTS: RestartHistory = {
  restartsAtMs: [],
  consecutive: 0,
  hasBeenReady: false,
};

export interface ChildFailure {
  atMs: number;
  /** Time for which the child had been ready; 0 if it never was. */
  ranForMs: number;
  /** Whether it exited by itself with code 0. */
  cleanExit: boolean;
  /** Whether another failure is certain: the program is missing, a variable is unset. */
  permanent: boolean;
  /** Whether no process of ours crashed: a remote server cannot be reached. */
  isRemote: boolean;
  /**
   * Whether it may come up at any time, although nothing is known of it yet: it does not listen, or reports that it is
   * not ready.
   */
  isAway: boolean;
}

export type RestartDecision =
  | { action: 'restart'; delayMs: number; reason: string; history: RestartHistory }
  | { action: 'give-up'; kind: Exclude<SessionExited['kind'], 'stopped' | 'gone'>; reason: string };

/**
 * Decides what to do after the child of a session failed. The first restart is immediate, later ones back off
 * exponentially. A child that ran long enough starts counting anew. The budget of the window ends it.
 *
 * @param random - uniform in [0, 1), for the jitter
 */
export function nextRestart(
  policy: RestartPolicy,
  history: RestartHistory,
  failure: ChildFailure,
  random: number,
): RestartDecision {
  if (failure.permanent) return giveUp('failed', 'cannot start');
  if (policy.policy === 'never')
    return giveUp(failure.cleanExit ? 'completed' : 'failed', 'restart policy is never');
  if (policy.policy === 'on-failure' && failure.cleanExit) {
    return giveUp('completed', 'exited with code 0, and the restart policy is on-failure');
  }
  const stable = failure.ranForMs >= policy.stableAfterMs;
  const consecutive = stable ? 1 : history.consecutive + 1;
  const mayRecover = failure.isRemote && (history.hasBeenReady || failure.isAway);
  if (!history.hasBeenReady && !mayRecover && consecutive >= MAX_START_ATTEMPTS) {
    return giveUp('failed', `did not start in ${consecutive} attempts`);
  }
  if (mayRecover) {
    // A remote server that is away or not up yet must not need a person: it is retried for ever, ever more slowly.
    const delayMs = backoffMs(policy, consecutive, random);
    const reason = `reconnecting ${delayMs ? `in ${delayMs} ms` : 'immediately'}`;
    return { action: 'restart', delayMs, reason, history: { ...history, consecutive } };
  }
  const windowStart = failure.atMs - policy.windowMs;
  const recent = history.restartsAtMs.filter((atMs) => atMs > windowStart);
  if (recent.length >= policy.maxRestarts) {
    const window = `${policy.windowMs / 1000} s`;
    return giveUp('crash-loop', `${BUDGET_SPENT}: ${recent.length} restarts within ${window}`);
  }
  const delayMs = backoffMs(policy, consecutive, random);
  return {
    action: 'restart',
    delayMs,
    reason: `restart ${recent.length + 1} of ${policy.maxRestarts} ${delayMs ? `in ${delayMs} ms` : 'immediately'}`,
    history: { ...history, restartsAtMs: [...recent, failure.atMs], consecutive },
  };
}

const BUDGET_SPENT = 'restart limit reached';
/** Wording of hosts of earlier versions, and of stored events. */
const BUDGET_SPENT_BEFORE = 'are the limit';

/** Whether a reason to wait means a spent budget, and not a single crash. */
export function isCrashLoop(reason: string): boolean {
  return reason.includes(BUDGET_SPENT) || reason.includes(BUDGET_SPENT_BEFORE);
}

/** Returns the delay before restart number `attempt` (1 = immediate): initial × 2ⁿ up to the maximum, ± jitter, in ms. */
export function backoffMs(policy: RestartPolicy, attempt: number, random: number): number {
  if (attempt <= 1) return 0;
  const exact = Math.min(policy.maxDelayMs, policy.initialDelayMs * 2 ** (attempt - 2));
  return Math.round(exact * (1 + policy.jitter * (2 * random - 1)));
}

/** Whether a remote server could not be reached in some attempts, and is retried without end: nobody should wait for that. */
export function isUnreachable(server: {
  state: ServerState;
  restarts: number;
  error?: ErrorReport | null | undefined;
}): boolean {
  const { state, restarts, error } = server;
  const hasTried = state === 'BACKOFF' && restarts >= MAX_START_ATTEMPTS;
  return hasTried && error?.code === 'CONNECTION_FAILED';
}

export type SessionDecision =
  | { action: 'stop'; reason: string }
  | { action: 'retry'; delayMs: number; crashLoops: number; reason: string; error?: ErrorReport }
  | { action: 'fail'; error: ErrorReport };

/** Decides what an entity does when its session ended although the server should run. */
export function afterSession(
  policy: RestartPolicy,
  crashLoops: number,
  exit: SessionExited,
  random: number,
): SessionDecision {
  const error: ErrorReport = exit.error ?? {
    code: 'SERVER_EXITED',
    message: 'the session ended without giving a reason',
    fix: 'Check the session in the Temporal UI.',
  };
  switch (exit.kind) {
    case 'completed':
      return { action: 'stop', reason: error.message };
    case 'failed':
      return { action: 'fail', error };
    case 'stopped':
    case 'gone':
      return {
        action: 'retry',
        delayMs: 0,
        crashLoops,
        reason: 'session was terminated externally',
      };
    case 'crash-loop': {
      const loops = crashLoops + 1;
      if (loops >= MAX_CRASH_LOOPS) {
        const message = `gave up after ${loops} crash loops: ${error.message}`;
        return { action: 'fail', error: { ...error, code: 'SERVER_CRASH_LOOP', message } };
      }
      const delayMs = backoffMs(policy, policy.maxRestarts + loops, random);
      return { action: 'retry', delayMs, crashLoops: loops, reason: error.message, error };
    }
  }
}

function giveUp(
  kind: Exclude<SessionExited['kind'], 'stopped' | 'gone'>,
  reason: string,
): RestartDecision {
  return { action: 'give-up', kind, reason };
}
