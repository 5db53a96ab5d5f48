import { z } from 'zod';
import { parseDuration } from '../../base/duration';
import { reportOf } from '../../base/errors';
import { shownValue } from '../config/shown-value';

/** Maximum delay of `setTimeout`; a longer one would fire at once. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** A duration in a config: a number of milliseconds, or text such as "30s". It stays as written. */
export function durationField(minMs: number, maxMs = MAX_DURATION_MS) {
  return z
    .union([z.number(), z.string()], {
      error: (issue) => `expected a duration such as "30s", got ${shownValue(issue.input)}`,
    })
    .superRefine((value, context) => {
      const message = problemOf(value, minMs, maxMs);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    });
}

/** Converts a checked duration to milliseconds. */
export function toMs(duration: number | string): number {
  return typeof duration === 'number' ? duration : parseDuration(duration);
}

function problemOf(value: number | string, minMs: number, maxMs: number): string | undefined {
  try {
    const ms = toMs(value);
    if (ms >= minMs && ms <= maxMs) return undefined;
    return `expected a duration from ${minMs} to ${maxMs} ms, got ${shownValue(value)}`;
  } catch (error) {
    return reportOf(error).message;
  }
}
