import { type ErrorReport } from '../../base/errors';

/** Reason why something that concerned several servers failed for this one. */
export interface ServerProblem {
  name: string;
  error: ErrorReport;
}
