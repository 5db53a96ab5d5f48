import { type ValidationStatus } from '../domain/servers/validation';
import { MAX_REPORTED_PROBLEMS } from './limits';

/** Result of one check. */
export interface Finding {
  status: ValidationStatus;
  detail: string;
}

/** One problem; one with status `failed` fails the server. */
export interface Problem {
  status: 'failed' | 'warning';
  text: string;
}

export const passed = (detail: string): Finding => ({ status: 'passed', detail });
export const failed = (detail: string): Finding => ({ status: 'failed', detail });
export const warning = (detail: string): Finding => ({ status: 'warning', detail });
export const skipped = (detail: string): Finding => ({ status: 'skipped', detail });

/** Returns a finding with the status of the worst problem; failures are listed first. */
export function findingOf(problems: readonly Problem[], ok: string): Finding {
  if (problems.length === 0) return passed(ok);
  const failures = problems.filter(({ status }) => status === 'failed');
  const warnings = problems.filter(({ status }) => status === 'warning');
  const texts = [...failures, ...warnings].map(({ text }) => text);
  const more = texts.length - MAX_REPORTED_PROBLEMS;
  const reported = texts.slice(0, MAX_REPORTED_PROBLEMS).join('; ');
  const status = failures.length > 0 ? 'failed' : 'warning';
  return { status, detail: more > 0 ? `${reported}; and ${more} more` : reported };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
