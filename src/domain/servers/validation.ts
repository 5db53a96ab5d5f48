import { type SignedSpec } from '../trust/signed-spec';

/** Longest validation of one server. */
export const VALIDATION_TIMEOUT_MS = 30 * 60_000;

/** Result of `mainspring validate` for one server. */
export interface ValidationReport {
  server: string;
  passed: boolean;
  startedAtMs: number;
  durationMs: number;
  serverInfo?: { name: string; version: string };
  protocolVersion?: string;
  /** Number of tools that it lists. */
  tools?: number;
  checks: ValidationCheck[];
  load?: ValidationLoad;
  memory?: { beforeBytes: number; afterBytes: number };
}

/** `test_report.json`: a contract. */
export interface TestReport {
  finishedAt: string;
  passed: boolean;
  servers: ValidationReport[];
}

export interface ValidationCheck {
  /** Stable name, such as `handshake` or `unknown-method`. */
  name: string;
  status: ValidationStatus;
  detail: string;
  ms: number;
}

export type ValidationStatus = 'passed' | 'failed' | 'warning' | 'skipped';

export interface ValidationLoad {
  requests: number;
  succeeded: number;
  averageMs: number;
  p50Ms: number;
  p95Ms: number;
}

/** Input of a validation. The spec need not be in the inventory: a new version is validated before it is switched to. */
export interface ValidateInput {
  signed: SignedSpec;
  /** Whether to test only that it starts, and what it lists. */
  quick?: boolean;
}

/** Heartbeat of activity `validateServer`. */
export interface ValidationStep {
  /** Check that is under way; `install` before the first. */
  check: string;
  host: string;
}

/** Returns a text for people, such as `12 passed, 1 warning, 2 skipped`. */
export function validationSummary({ checks }: Pick<ValidationReport, 'checks'>): string {
  const parts = STATUSES.flatMap((status) => {
    const count = checks.filter((check) => check.status === status).length;
    return count === 0 ? [] : [`${count} ${status}${status === 'warning' && count > 1 ? 's' : ''}`];
  });
  return parts.join(', ');
}

export function failedChecks({ checks }: Pick<ValidationReport, 'checks'>): ValidationCheck[] {
  return checks.filter(({ status }) => status === 'failed');
}

/** Returns the report of a server that could not even be started. */
export function notStartedReport(
  server: string,
  startedAtMs: number,
  reason: string,
): ValidationReport {
  const check = { name: 'start', status: 'failed' as const, detail: reason, ms: 0 };
  return { server, passed: false, startedAtMs, durationMs: 0, checks: [check] };
}

const STATUSES: readonly ValidationStatus[] = ['failed', 'passed', 'warning', 'skipped'];
