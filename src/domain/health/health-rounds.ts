import { type CheckResult, type HealthPolicy } from './health';
import { isAnsweredByServer } from './health-policy';
import { type Health } from '../states';

/** One round of checks, and the load of the server meanwhile. */
export interface Round {
  atMs: number;
  checks: CheckResult[];
  /** Calls that the server is processing. */
  inFlight: number;
  /** Time for which one call may keep it from answering anything else. */
  callMs: number;
  /** Whether its process is stopped (SIGSTOP): then it is not busy, whatever calls it has. */
  isSuspended?: boolean;
}

/** Health of a server after its rounds so far. */
export interface Standing {
  health: Health;
  /** Consecutive failed rounds. */
  failed: number;
  /** Consecutive rounds after which it was UNHEALTHY. */
  unhealthy: number;
  /** Consecutive passed rounds. */
  passed: number;
  /** Time since which something is not answered, in ms. */
  silentSinceMs?: number;
}

type RoundOutcome = 'passed' | 'slow' | 'busy' | 'failed';

export interface AfterRound {
  outcome: RoundOutcome;
  standing: Standing;
  reason: string;
  /** Reason for a restart. */
  restart?: string;
  /** Whether the next round decides something, and should come soon. */
  isInDoubt: boolean;
}

/** Health of a server that has just finished its handshake and listed its tools. */
export const JUST_STARTED: Standing = { health: 'HEALTHY', failed: 0, unhealthy: 0, passed: 0 };

/**
 * Returns what a round means. Any answer ends a series of failures: a slow one makes a server DEGRADED, `recovered`
 * good ones HEALTHY. A server that is silent during calls may just be busy with them: many process one at a time, and
 * answer nothing else. For as long as a call may take that is DEGRADED too, and does not count as a failure.
 */
export function afterRound(policy: HealthPolicy, before: Standing, round: Round): AfterRound {
  const outcome = outcomeOf(before, round);
  switch (outcome) {
    case 'passed':
      return afterPassed(policy, before, round);
    case 'slow': {
      const standing = { ...JUST_STARTED, health: 'DEGRADED' as const };
      return { outcome, standing, reason: describeWorst(round), isInDoubt: false };
    }
    case 'busy':
      return afterBusy(before, round);
    case 'failed':
      return afterFailed(policy, before, round);
  }
}

function outcomeOf({ silentSinceMs }: Standing, round: Round): RoundOutcome {
  const { atMs, inFlight, callMs, isSuspended } = round;
  const checks = decisiveChecks(round);
  const failed = checks.filter(({ status, advisory }) => status === 'failed' && !advisory);
  if (failed.length === 0) {
    return checks.some(({ status }) => status !== 'passed') ? 'slow' : 'passed';
  }
  const mayBeBusy = !isSuspended && inFlight > 0 && atMs - (silentSinceMs ?? atMs) < callMs;
  return mayBeBusy && failed.every(isUnanswered) ? 'busy' : 'failed';
}

/** Returns all checks except the optional ones that failed while the server answered another one. */
function decisiveChecks({ checks }: Round): CheckResult[] {
  const isAnswering = checks.some(
    ({ kind, status }) => status !== 'failed' && kind !== 'http' && isAnsweredByServer(kind),
  );
  return checks.filter(({ status, optional }) => !(optional && status === 'failed' && isAnswering));
}

function isUnanswered({ kind, latencyMs }: CheckResult): boolean {
  return isAnsweredByServer(kind) && latencyMs === undefined;
}

function afterPassed(
  { thresholds }: HealthPolicy,
  before: Standing,
  { checks }: Round,
): AfterRound {
  const passed = before.passed + 1;
  const isHealthy = before.health === 'HEALTHY' || passed >= thresholds.recovered;
  const health = isHealthy ? 'HEALTHY' : 'DEGRADED';
  const left = isHealthy ? '' : `, ${passed} of ${thresholds.recovered} rounds in a row`;
  const ignored = checks.filter(({ status }) => status === 'failed');
  const apart = ignored.length === 0 ? '' : `, except an optional one (${describeChecks(ignored)})`;
  const reason = `all checks passed${apart}${left}`;
  const standing: Standing = { health, failed: 0, unhealthy: 0, passed };
  return { outcome: 'passed', standing, reason, isInDoubt: !isHealthy };
}

function afterBusy(before: Standing, round: Round): AfterRound {
  const { health, failed, unhealthy, silentSinceMs = round.atMs } = before;
  const standing: Standing = {
    health: worse(health, 'DEGRADED'),
    failed,
    unhealthy,
    silentSinceMs,
    passed: 0,
  };
  const calls = round.inFlight === 1 ? 'a call' : `${round.inFlight} calls`;
  const reason = `possibly busy with ${calls}: ${describeWorst(round)}`;
  return { outcome: 'busy', standing, reason, isInDoubt: true };
}

function afterFailed({ thresholds }: HealthPolicy, before: Standing, round: Round): AfterRound {
  const { silentSinceMs = round.atMs } = before;
  const failed = before.failed + 1;
  const health = worse(before.health, healthAfter(failed, thresholds));
  const unhealthy = health === 'UNHEALTHY' ? before.unhealthy + 1 : 0;
  const standing: Standing = { health, failed, unhealthy, passed: 0, silentSinceMs };
  const reason = describeWorst(round);
  const isEnough = thresholds.restart > 0 && unhealthy >= thresholds.restart;
  const rounds = unhealthy === 1 ? 'for 1 round' : `for ${unhealthy} rounds in a row`;
  return {
    outcome: 'failed',
    standing,
    reason,
    isInDoubt: true,
    ...(isEnough && { restart: `UNHEALTHY ${rounds}: ${reason}` }),
  };
}

function healthAfter(failed: number, { degraded, unhealthy }: HealthPolicy['thresholds']): Health {
  if (failed >= unhealthy) return 'UNHEALTHY';
  return failed >= degraded ? 'DEGRADED' : 'HEALTHY';
}

const BADNESS: Readonly<Record<Health, number>> = {
  HEALTHY: 0,
  UNKNOWN: 1,
  DEGRADED: 2,
  UNHEALTHY: 3,
};

const worse = (a: Health, b: Health) => (BADNESS[a] >= BADNESS[b] ? a : b);

/** Describes the worst of what is wrong. */
function describeWorst(round: Round): string {
  const checks = decisiveChecks(round);
  const failed = checks.filter(({ status }) => status === 'failed');
  const worst = failed.length > 0 ? failed : checks.filter(({ status }) => status === 'slow');
  return describeChecks(worst);
}

function describeChecks(checks: readonly CheckResult[]): string {
  return checks.map(({ name, status, message }) => `${name}: ${message ?? status}`).join('; ');
}
