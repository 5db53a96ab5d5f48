/** Defaults and limits that several rooms share, with their unit in the name; all others stand beside the code that they bound. */

/** How long Temporal keeps finished calls, and so how long a key answers with the stored result. */
export const RETENTION_DAYS = 7;
/** A control worker that dies with a workflow task holds up its server for this long; on a starved machine a task may take seconds. */
export const WORKFLOW_TASK_TIMEOUT_MS = 5_000;
/** Longest wait for an answer of the control worker (queries and updates that do not wait). */
export const CONTROL_TIMEOUT_MS = 10_000;
/** After a server was told of a cancellation, how long it may take to answer; then the call is over. */
export const CANCEL_GRACE_MS = 2_000;

/** How often a host says that a session lives, and extends its own lease by that. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
export const STDERR_LINES_IN_ERRORS = 5;
/** A stderr line above this is cut: a flood must not fill memory. */
export const MAX_LOG_LINE_BYTES = 8_192;
/** Longest reason that an operator can give. */
export const MAX_REASON_LENGTH = 500;
export const REQUEST_TIMEOUT_MS = 60_000;

/** A call that takes longer becomes a task, for clients that can follow one. */
export const DEFAULT_TASK_AFTER_MS = 10_000;
