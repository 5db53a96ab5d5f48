/** By how much the clocks of a client and of Temporal may differ. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/** What the signed input of a call or request says of itself. */
export interface Binding {
  id: string;
  server: string;
  /** Undefined for what may run again. */
  submittedAtMs?: number | undefined;
  queueTimeoutMs: number;
}

/** Where the input was found. */
export interface Found {
  activityId: string;
  /** Of the queue that it was on. */
  server: string;
  /** When Temporal got the activity. */
  scheduledAtMs: number;
}

/** The last moment at which the activity of a call may have been handed to Temporal: its client gives up before. */
export function lastSubmissionMs({ queueTimeoutMs }: Binding, submittedAtMs: number): number {
  return submittedAtMs + queueTimeoutMs + CLOCKS_DIFFER_MS;
}

/**
 * Why an input is not that of the activity it came in; undefined when it is. Its signature says only that one of our clients has
 * made it: a captured one must be of no use under another id, on the queue of another server, or later.
 */
export function refusalOfInput(binding: Binding, found: Found): string | undefined {
  const { id, server, submittedAtMs } = binding;
  if (id !== found.activityId) return `was signed for ${id}`;
  if (server !== found.server) return `was signed for "${server}"`;
  if (submittedAtMs === undefined) return undefined;
  if (!Number.isFinite(submittedAtMs)) return 'has no submission time';
  if (found.scheduledAtMs <= lastSubmissionMs(binding, submittedAtMs)) return undefined;
  return `was signed at ${new Date(submittedAtMs).toISOString()}, too long ago`;
}
