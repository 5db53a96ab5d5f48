import { MainspringError } from '../../base/errors';
import { FIRST_PRIORITY, LAST_PRIORITY, MAX_CALL_TIMEOUT_MS } from '../../domain/calls/calls';

/** Longest key: a key is part of an id; long ones are hashed anyway, this only bounds nonsense. */
const MAX_KEY_LENGTH = 1_000;

/** Each of these returns the value; WRONG_USAGE says what is wrong with it. */
export function checkKey(key: string): string {
  if (key.length > 0 && key.length <= MAX_KEY_LENGTH) return key;
  const message = `The idempotency key is ${key.length} characters long; expected 1 to ${MAX_KEY_LENGTH}.`;
  throw new MainspringError('WRONG_USAGE', message, { fix: 'Use a shorter key.' });
}

export function checkPriority(priority: number): number {
  const isOne = Number.isInteger(priority) && priority >= FIRST_PRIORITY;
  if (isOne && priority <= LAST_PRIORITY) return priority;
  const message = `The priority is ${priority}; expected ${FIRST_PRIORITY} (first) to ${LAST_PRIORITY}.`;
  throw new MainspringError('WRONG_USAGE', message, { fix: 'Use a priority within this range.' });
}

export function checkTimeout(timeoutMs: number): number {
  if (timeoutMs >= 0 && timeoutMs <= MAX_CALL_TIMEOUT_MS) return timeoutMs;
  const message = `The timeout is ${timeoutMs} ms; expected 0 to ${MAX_CALL_TIMEOUT_MS}.`;
  throw new MainspringError('WRONG_USAGE', message, { fix: 'Use a timeout within this range.' });
}
