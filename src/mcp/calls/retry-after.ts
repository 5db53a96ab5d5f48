/** Upper limit of a pause: servers also send dates years ahead. */
export const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * Returns the pause that a server requested, in milliseconds; undefined if the header is absent or
 * invalid.
 *
 * @param header - seconds, or an HTTP date (RFC 9110, 10.2.3)
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const pauseMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : httpDate(text) - nowMs;
  if (Number.isNaN(pauseMs)) return undefined;
  return Math.round(Math.min(Math.max(0, pauseMs), MAX_RETRY_AFTER_MS));
}

/** Date.parse alone would accept almost anything as a date. */
function httpDate(text: string): number {
  return /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : NaN;
}
