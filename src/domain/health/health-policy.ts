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
 * One failed round shows at once, as DEGRADED; a restart takes four in a row, so that one lost answer costs no call. HEALTHY takes two
 * passed ones: a server that fails every other round stays DEGRADED, instead of telling of a change at each of them.
 */
export const DEFAULT_THRESHOLDS: HealthThresholds = {
  degraded: 1,
  unhealthy: 2,
  restart: 3,
  recovered: 2,
};

/** Part of the interval by which rounds vary: servers that were started together are not checked together. */
const JITTER = 0.2;
/** While it is in doubt how a server is, the next round comes so soon: a hang is found in seconds. */
export const DOUBTFUL_INTERVAL_MS = 2_000;
/** An answer that takes more than this part of its timeout is slow, unless the check says what is. */
const SLOW_PART = 0.5;

/** Kinds whose answer comes from the server: how long it takes says how the server is. */
const ANSWERED_BY_SERVER: ReadonlySet<HealthCheckKind> = new Set(['ping', 'tools', 'tool', 'http']);

/** What holds for a server: what its spec says, and the defaults for its kind. */
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

/** The checks of a server whose spec names none: what it has of a process and of a URL. */
export function defaultChecks(has: { process?: unknown; remote?: unknown }): HealthCheck[] {
  return [
    { kind: 'ping' },
    { kind: 'tools' },
    ...(has.process ? [{ kind: 'process' } as const] : []),
    ...(has.remote ? [{ kind: 'http' } as const] : []),
  ];
}

/** What a round asks. A suspended process answers nothing: it is not waited for, if its suspension is noticed otherwise. */
export function checksOf({ checks }: HealthPolicy, isSuspended: boolean): HealthCheck[] {
  const ofProcess = checks.filter(({ kind }) => kind === 'process');
  return isSuspended && ofProcess.length > 0 ? ofProcess : checks;
}

export const isAnsweredByServer = (kind: HealthCheckKind) => ANSWERED_BY_SERVER.has(kind);

/** MCP does not say what a GET of a server's own address is answered with, if at all. */
export const isOptional = (check: HealthCheck) =>
  check.kind === 'http' && [check.url, check.port, check.status].every((is) => is === undefined);

export const timeoutOf = (policy: HealthPolicy, check: HealthCheck) =>
  check.timeoutMs ?? policy.timeoutMs;

/** From when on an answer to this check counts as slow; undefined for never. */
export function slowAfterMs(policy: HealthPolicy, check: HealthCheck): number | undefined {
  if (check.slowMs !== undefined) return check.slowMs;
  return isAnsweredByServer(check.kind) ? timeoutOf(policy, check) * SLOW_PART : undefined;
}

/** How long to wait for the next round; `random` is 0 to 1. */
export function nextRoundMs(policy: HealthPolicy, isInDoubt: boolean, random: number): number {
  const { intervalMs } = policy;
  const baseMs = isInDoubt ? Math.min(DOUBTFUL_INTERVAL_MS, intervalMs) : intervalMs;
  return Math.round(baseMs * (1 + JITTER * (2 * random - 1)));
}
