/** MCP log levels (RFC 5424), the most verbose first. */
export const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.some((level) => level === value);
}

/** Whether a client that requested the level `minimum` gets a message of `level`; a client that requested none gets all. */
export function receivesLevel(minimum: string | undefined, level: unknown): boolean {
  return minimum === undefined || rank(level) >= rank(minimum);
}

/** Returns the more verbose of two levels. */
export function moreVerbose(one: string | undefined, other: string): string {
  return one === undefined || rank(other) < rank(one) ? other : one;
}

/** Returns the rank of a level; an unknown level has the highest, so that every client gets it. */
function rank(level: unknown): number {
  const index = LOG_LEVELS.findIndex((candidate) => candidate === level);
  return index < 0 ? LOG_LEVELS.length : index;
}
