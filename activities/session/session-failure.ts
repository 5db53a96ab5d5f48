import { ApplicationFailure } from '@temporalio/activity';
import { ERROR_FIXES, isErrorCode, MainspringError } from '../../src/base/errors';
import { REPLACE_REFUSED } from '../../src/domain/entity/session';

/** Returns the result of `verify`; what it throws is not retried. */
export function trusted<T>(verify: () => T): T {
  try {
    return verify();
  } catch (error) {
    throw asFailure(error, ['failed']);
  }
}

/** A replacement that was not made: the child goes on as it was. */
export function refused(error: unknown): ApplicationFailure {
  return asFailure(error, [REPLACE_REFUSED]);
}

/** An error as Temporal carries it, with its fix behind the details. */
export function asFailure(error: unknown, details: unknown[]): ApplicationFailure {
  const isOurs = error instanceof MainspringError && isErrorCode(error.code);
  const code = isOurs ? error.code : 'INTERNAL_ERROR';
  const message = error instanceof Error ? error.message : String(error);
  const fix = isOurs ? error.fix : ERROR_FIXES[code];
  return ApplicationFailure.create({
    message,
    type: code,
    nonRetryable: true,
    details: [...details, fix],
  });
}
