import { z } from 'zod';
import { shownValue } from '../config/shown-value';

export function whole(min: number, max: number) {
  const error = (issue: { input?: unknown }) =>
    `expected a whole number from ${min} to ${max}, got ${shownValue(issue.input)}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function numberBetween(min: number, max: number) {
  const error = (issue: { input?: unknown }) =>
    `expected a number from ${min} to ${max}, got ${shownValue(issue.input)}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}
