/** Thresholds and time limits of a validation. */

/**
 * Limit of a whole validation. It is shorter than VALIDATION_TIMEOUT_MS, the limit of its activity,
 * which must still report.
 */
export const VALIDATION_LIMIT_MS = 25 * 60_000;
/** Limit of one check, in addition to the timeouts of the spec that it uses. */
export const CHECK_LIMIT_MS = 60_000;
/** Limit of one answer to a request that is cheap for a server. */
export const ANSWER_LIMIT_MS = 10_000;

/** Number of concurrent requests. */
export const LOAD_REQUESTS = 50;
export const LOAD_AVERAGE_LIMIT_MS = 100;
/** Number of attempts: slow results are measured again after a pause. */
export const LOAD_ATTEMPTS = 3;
export const LOAD_PAUSE_MS = 1_000;
/** More than this share of the requests must succeed. */
export const LOAD_SUCCESS_RATE = 0.99;
/** Growth of resident memory under load that gives a warning; caches and JITs need less. */
export const MEMORY_GROWTH_LIMIT_BYTES = 64 * 1024 * 1024;

/** Clients and model APIs refuse longer names and names with other characters. */
export const CLIENT_NAME = /^[A-Za-z0-9_-]{1,64}$/;
export const BIG_LINE_BYTES = 1024 * 1024;

export const MAX_DETAIL_LENGTH = 2_000;
/** Number of problems of a list that are reported one by one. */
export const MAX_REPORTED_PROBLEMS = 5;

/** Time within which a broken connection is closed, with the reason. */
export const END_NOTICE_MS = 1_000;
