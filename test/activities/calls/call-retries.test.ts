import { ApplicationFailure } from '@temporalio/activity';
import { CallRetries } from '../../../activities/calls/call-retries';
import { type CallFailureDetails } from '../../../src/domain/calls/calls';

const details: CallFailureDetails = { outcome: 'failed', digest: '', queuedMs: 0, ranMs: 0 };
const failure = (nonRetryable: boolean, nextRetryDelay = 0) =>
  ApplicationFailure.create({ type: 'NOT_SENT', details: [details], nonRetryable, nextRetryDelay });
const failing = (error: Error) => async () => Promise.reject(error);

afterEach(() => jest.useRealTimers());

it('counts a call from its first failed attempt to its last', async () => {
  const retries = new CallRetries();
  const first = retries.follow('a', 1, failing(failure(false)));
  expect(retries.count).toBe(0);
  await expect(first).rejects.toThrow();
  expect(retries.count).toBe(1);
  const second = retries.follow('a', 2, async () => 'done');
  expect(retries.count).toBe(1);
  await second;
  expect(retries.count).toBe(0);
});

it('does not count calls that end at once, or for good', async () => {
  const retries = new CallRetries();
  await retries.follow('a', 1, async () => 'done');
  await expect(retries.follow('b', 1, failing(failure(true)))).rejects.toThrow();
  await expect(retries.follow('c', 2, failing(new Error('bug')))).rejects.toThrow();
  expect(retries.count).toBe(0);
});

it('forgets a call that another host was given, or that was cancelled while it waited', async () => {
  jest.useFakeTimers();
  const retries = new CallRetries();
  await expect(retries.follow('a', 1, failing(failure(false, 60_000)))).rejects.toThrow();
  jest.advanceTimersByTime(60_000);
  expect(retries.count).toBe(1);
  jest.advanceTimersByTime(10_000);
  expect(retries.count).toBe(0);
});
