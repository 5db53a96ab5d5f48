import { MainspringError } from '../base/errors';

/** Whether an error is temporary: a control worker or Temporal that is being restarted. */
export function isPassing(error: unknown): error is MainspringError {
  if (!(error instanceof MainspringError)) return false;
  return error.code === 'WORKER_UNAVAILABLE' || error.code === 'TEMPORAL_UNREACHABLE';
}
