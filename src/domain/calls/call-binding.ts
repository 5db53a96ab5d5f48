/** Largest difference between the clocks of a client and of Temporal. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/** Identity that the signed input of a call or request carries. */
export interface Binding {
  id: string;
  server: string;
  /** Undefined for inputs that may run again. */
  submittedAtMs?: number | undefined;
  queueTimeoutMs: number;
}

/** Activity in which the input was found. */
export interface CarryingActivity {
  activityId: string;
  /** Server of the queue that it was on. */
  server: string;
  /** Time at which Temporal got the activity, in ms. */
  scheduledAtMs: number;
}

/** Returns the last moment at which the activity of a call may have been handed to Temporal: its client stops trying before. */
export function lastSubmissionMs({ queueTimeoutMs }: Binding, submittedAtMs: number): number {
  return submittedAtMs + queueTimeoutMs + CLOCKS_DIFFER_MS;
}

/**
 * Returns why an input does not belong to the activity that it came in; undefined when it does. The signature only
 * proves that one of our clients made it. A captured input must be useless under another ID, on the queue of another
 * server, or later.
 */
export function refusalOfInput(binding: Binding, activity: CarryingActivity): string | undefined {
  const { id, server, submittedAtMs } = binding;
  if (id !== activity.activityId) return `was signed for ${id}`;
  if (server !== activity.server) return `was signed for "${server}"`;
  if (submittedAtMs === undefined) return undefined;
  if (!Number.isFinite(submittedAtMs)) return 'has no submission time';
  if (activity.scheduledAtMs <= lastSubmissionMs(binding, submittedAtMs)) return undefined;
  return `was signed at ${new Date(submittedAtMs).toISOString()}, too long ago`;
}
