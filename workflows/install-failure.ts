import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
} from '@temporalio/common';
import { ERROR_FIXES, type ErrorReport, isErrorCode } from '../src/base/errors';
import { type InstallInput, type InstallReport } from '../src/domain/programs/installs';
import { firstReport } from './install-report';

/** Returns the failure that ends an installation, so that Temporal shows it as failed or cancelled; it carries the report. */
export function failureOf(report: InstallReport): Error {
  if (report.status === 'cancelled') return new CancelledFailure(report.detail, [report]);
  const { code, message } = report.error ?? { code: 'INSTALL_FAILED', message: report.detail };
  return ApplicationFailure.create({
    message,
    type: code,
    nonRetryable: true,
    details: [report],
  });
}

/** Returns the report of an installation that has not ended well: its own, or what is known without it. */
export function reportOfFailure(input: InstallInput, error: unknown): InstallReport {
  const cause = unwrapped(error);
  const [told] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  if (isReport(told)) return told;
  const isCancelled = cause instanceof CancelledFailure;
  const reported = isCancelled ? cancelled(input) : errorOf(cause);
  const status = isCancelled ? 'cancelled' : 'failed';
  return { ...firstReport(input), status, detail: reported.message, error: reported };
}

export function cancelled({ name, upgrade: isUpgrade }: InstallInput): ErrorReport {
  const [what, fix] = isUpgrade ? ['upgrade', 'upgrade'] : ['installation', 'install'];
  const message = `The ${what} of "${name}" was cancelled.`;
  return { code: 'INSTALL_CANCELLED', message, fix: `mainspring ${fix} ${name}` };
}

/** Returns the error of an activity or a child workflow. */
export function errorOf(error: unknown): ErrorReport {
  const cause = unwrapped(error);
  const message = cause instanceof Error ? cause.message : String(cause);
  if (!(cause instanceof ApplicationFailure) || !isErrorCode(cause.type)) {
    return { code: 'INSTALL_FAILED', message, fix: 'Check the workflow in the Temporal UI.' };
  }
  const [fix] = cause.details ?? [];
  return {
    code: cause.type,
    message,
    fix: typeof fix === 'string' ? fix : ERROR_FIXES[cause.type],
  };
}

function unwrapped(error: unknown): unknown {
  const isWrapped = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return isWrapped ? error.cause : error;
}

function isReport(value: unknown): value is InstallReport {
  return typeof value === 'object' && value !== null && 'server' in value && 'status' in value;
}
