/** MCP log levels (RFC 5424), the most talkative first. */
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

/** Whether a client that has asked for `wanted` hears a message of `level`; one that has asked for nothing hears all. */
export function hears(wanted: string | undefined, level: unknown): boolean {
  return wanted === undefined || rank(level) >= rank(wanted);
}

/** The one of the two that lets more through. */
export function moreTalkative(one: string | undefined, other: string): string {
  return one === undefined || rank(other) < rank(one) ? other : one;
}

/** What is no level is told to everybody. */
function rank(level: unknown): number {
  const found = LOG_LEVELS.findIndex((known) => known === level);
  return found < 0 ? LOG_LEVELS.length : found;
}
