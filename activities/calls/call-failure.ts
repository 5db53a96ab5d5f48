import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { type CallFailureDetails, isCallFailureDetails } from '../../src/domain/calls/calls';

/** Failure that carries how a call ended, as only `callTool` throws it. */
export type CallFailure = ApplicationFailure | CancelledFailure;

/** Returns the details of a failure of ours; undefined for anything else that was thrown. */
export function callFailureDetails(error: unknown): CallFailureDetails | undefined {
  if (!(error instanceof ApplicationFailure) && !(error instanceof CancelledFailure))
    return undefined;
  const first: unknown = error.details?.[0];
  return isCallFailureDetails(first) ? first : undefined;
}

export function isCallFailure(error: unknown): error is CallFailure {
  return callFailureDetails(error) !== undefined;
}
