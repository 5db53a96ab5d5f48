import {
  type HealthCheck,
  type HealthCheckKind,
  type HealthPolicy,
  type HealthThresholds,
} from './health';
import { type ServerSpec } from '../spec';

const DEFAULT_HEALTH_INTERVAL_MS = 30_000;
const DEFAULT_HEALTH_TIMEOUT_MS = 5_000;

/**
 * Default thresholds. One failed round shows at once, as DEGRADED; a restart takes four in a row, so that one lost
 * answer costs no call. HEALTHY takes two passed ones: a server that fails every other round stays DEGRADED, instead of
 * changing at each of them.
 */
export const DEFAULT_THRESHOLDS: HealthThresholds = {
  degraded: 1,
  unhealthy: 2,
  restart: 3,
  recovered: 2,
};

/** Part of the interval by which rounds vary: servers that were started together are not checked together. */
const JITTER = 0.2;
/** Longest pause before the next round while the health of a server is in doubt: a hang is found in seconds. */
export const DOUBTFUL_INTERVAL_MS = 2_000;
/** Part of its timeout after which an answer is slow, unless the check sets a limit. */
const SLOW_PART = 0.5;

/** Kinds of checks that the server answers: their latency shows its health. */
const ANSWERED_BY_SERVER: ReadonlySet<HealthCheckKind> = new Set(['ping', 'tools', 'tool', 'http']);

/** Returns the policy of a server: that of its spec, and the defaults for its kind. */
export function healthPolicyOf(spec: ServerSpec): HealthPolicy {
  const { health = {}, restart } = spec;
  const thresholds = { ...DEFAULT_THRESHOLDS, ...health.thresholds };
  return {
    intervalMs: health.intervalMs ?? DEFAULT_HEALTH_INTERVAL_MS,
    timeoutMs: health.timeoutMs ?? DEFAULT_HEALTH_TIMEOUT_MS,
    checks: health.checks ?? defaultChecks(spec),
    // A server that is never restarted is only reported.
    thresholds: restart.policy === 'never' ? { ...thresholds, restart: 0 } : thresholds,
  };
}

/** Returns the checks of a server whose spec names none, depending on whether it has a process and a URL. */
export function defaultChecks(has: { process?: unknown; remote?: unknown }): HealthCheck[] {
  return [
    { kind: 'ping' },
    { kind: 'tools' },
    ...(has.process ? [{ kind: 'process' } as const] : []),
    ...(has.remote ? [{ kind: 'http' } as const] : []),
  ];
}

/**
 * Returns the checks of a round. A suspended process answers nothing: it is not waited for if a check of the process
 * notices its suspension.
 */
export function checksOf({ checks }: HealthPolicy, isSuspended: boolean): HealthCheck[] {
  const ofProcess = checks.filter(({ kind }) => kind === 'process');
  return isSuspended && ofProcess.length > 0 ? ofProcess : checks;
}

export const isAnsweredByServer = (kind: HealthCheckKind) => ANSWERED_BY_SERVER.has(kind);

/** Whether the result is optional: MCP does not define the response to a GET of a server's own address. */
export const isOptional = (check: HealthCheck) =>
  check.kind === 'http' && [check.url, check.port, check.status].every((is) => is === undefined);

export const timeoutOf = (policy: HealthPolicy, check: HealthCheck) =>
  check.timeoutMs ?? policy.timeoutMs;

/** Returns the time from which an answer to this check counts as slow; undefined for never. */
export function slowAfterMs(policy: HealthPolicy, check: HealthCheck): number | undefined {
  if (check.slowMs !== undefined) return check.slowMs;
  return isAnsweredByServer(check.kind) ? timeoutOf(policy, check) * SLOW_PART : undefined;
}

/** Returns the time until the next round; `random` is 0 to 1. */
export function nextRoundMs(policy: HealthPolicy, isInDoubt: boolean, random: number): number {
  const { intervalMs } = policy;
  const baseMs = isInDoubt ? Math.min(DOUBTFUL_INTERVAL_MS, intervalMs) : intervalMs;
  return Math.round(baseMs * (1 + JITTER * (2 * random - 1)));
}
