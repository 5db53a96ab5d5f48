/**
 * Defaults and limits that several folders share, with their unit in the name; all others are beside the code that they
 * bound.
 */

/** Time for which Temporal keeps finished calls, and so for which a key returns the stored result. */
export const RETENTION_DAYS = 7;
/**
 * Time for which a control worker that dies with a workflow task delays its server; on a starved machine a task may
 * take seconds.
 */
export const WORKFLOW_TASK_TIMEOUT_MS = 5_000;
/** Longest wait for an answer of the control worker (queries and updates that do not wait). */
export const CONTROL_TIMEOUT_MS = 10_000;
/** Time that a server may take to answer after a cancellation; then the call is over. */
export const CANCEL_GRACE_MS = 2_000;

/**
 * Interval at which a host reports that it lives. Its sessions do so in every second one and extend their leases; in each
 * one if their timeout is short, or as soon as something goes wrong (`hosts/heartbeat-due.ts`).
 */
export const HEARTBEAT_INTERVAL_MS = 1_000;
export const STDERR_LINES_IN_ERRORS = 5;
/** Length above which a stderr line is cut: a flood must not fill memory. */
export const MAX_LOG_LINE_BYTES = 8_192;
/** Longest reason that an operator can give. */
export const MAX_REASON_LENGTH = 500;
export const REQUEST_TIMEOUT_MS = 60_000;

/** Time after which a call becomes a task, for clients that can follow one. */
export const DEFAULT_TASK_AFTER_MS = 10_000;
