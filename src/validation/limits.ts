/** What a server is measured against, and how long anything may take. */

/** All of a validation; within VALIDATION_TIMEOUT_MS of its activity, which must still report. */
export const VALIDATION_LIMIT_MS = 25 * 60_000;
/** One check, beyond the timeouts of the spec that it uses. */
export const CHECK_LIMIT_MS = 60_000;
/** One answer to a question that costs a server nothing. */
export const ANSWER_LIMIT_MS = 10_000;

/** Requests that are with the server at the same time. */
export const LOAD_REQUESTS = 50;
export const LOAD_AVERAGE_LIMIT_MS = 100;
/** Slower answers are measured again, after a pause, so often in all. */
export const LOAD_ATTEMPTS = 3;
export const LOAD_PAUSE_MS = 1_000;
/** More than this part of them has to succeed. */
export const LOAD_SUCCESS_RATE = 0.99;
/** Growth of resident memory under load from which on it is worth a look: caches and JITs take less. */
export const MEMORY_GROWTH_LIMIT_BYTES = 64 * 1024 * 1024;

/** Names beyond this length, or with other characters, are refused by clients and model APIs. */
export const CLIENT_NAME = /^[A-Za-z0-9_-]{1,64}$/;
export const BIG_LINE_BYTES = 1024 * 1024;

export const MAX_DETAIL_LENGTH = 2_000;
/** Problems of a list that are told one by one. */
export const MAX_TOLD_PROBLEMS = 5;

/** A connection that breaks is closed this much later at the latest, with the reason. */
export const END_NOTICE_MS = 1_000;
