import {
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { fixFor, isErrorCode, MainspringError } from '../base/errors';

/** gRPC status codes (https://grpc.io/docs/guides/status-codes). */
const DEADLINE_EXCEEDED = 4;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

/** Returns our error for whatever a request about a server threw. */
export function translated(error: unknown, server: string): unknown {
  if (error instanceof MainspringError) return error;
  if (error instanceof WorkflowNotFoundError) {
    return new MainspringError('UNKNOWN_SERVER', `There is no server "${server}".`, {
      cause: error,
    });
  }
  const failure = error instanceof WorkflowUpdateFailedError ? rootOf(error.cause) : undefined;
  if (failure instanceof ApplicationFailure) {
    const { type, message } = failure;
    const code = isErrorCode(type) ? type : 'INTERNAL_ERROR';
    return new MainspringError(code, message, { fix: fixFor(code, server), cause: error });
  }
  if (isUnavailable(error)) {
    return new MainspringError('TEMPORAL_UNREACHABLE', 'Temporal is not responding.', {
      cause: error,
    });
  }
  const isLate = error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
  if (isLate || hasStatus(error, DEADLINE_EXCEEDED)) {
    return new MainspringError('WORKER_UNAVAILABLE', 'No control worker is responding.', {
      cause: error,
    });
  }
  // What Temporal says once several tasks of a workflow in a row were not finished in time.
  if (hasStatus(error, FAILED_PRECONDITION)) {
    return new MainspringError('WORKER_UNAVAILABLE', 'The control worker does not keep up.', {
      fix: 'Try again in a moment. If it stays so, read logs/roles.log (with up --separate: logs/worker.log) in the data directory.',
      cause: error,
    });
  }
  return error;
}

/** Returns the failure of the handler itself, or of an activity that it waited for. */
function rootOf(error: Error | undefined): Error | undefined {
  return error instanceof ActivityFailure ? error.cause : error;
}

/** Whether Temporal could not be reached: the request may or may not have arrived. */
export function isUnavailable(error: unknown): boolean {
  return hasStatus(error, UNAVAILABLE);
}

function hasStatus(error: unknown, code: number): boolean {
  const origin = error instanceof Error && error.cause ? error.cause : error;
  return (
    (isGrpcServiceError(error) && Number(error.code) === code) ||
    (isGrpcServiceError(origin) && Number(origin.code) === code)
  );
}
