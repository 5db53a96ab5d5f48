/** A longer pause is taken for this one: servers also send dates of years to come. */
export const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * The pause that a server asks for, in milliseconds; undefined when the header is absent or means nothing.
 *
 * @param header - seconds, or an HTTP date (RFC 9110, 10.2.3)
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const pauseMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : httpDate(text) - nowMs;
  if (Number.isNaN(pauseMs)) return undefined;
  return Math.round(Math.min(Math.max(0, pauseMs), MAX_RETRY_AFTER_MS));
}

/** Date.parse alone would take almost anything for a date. */
function httpDate(text: string): number {
  return /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : NaN;
}
