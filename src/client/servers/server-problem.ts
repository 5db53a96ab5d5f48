import { type ErrorReport } from '../../base/errors';

/** Why something that concerned several servers did not work for this one. */
export interface ServerProblem {
  name: string;
  error: ErrorReport;
}
