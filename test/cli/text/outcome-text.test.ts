import { timingText } from '../../../src/cli/text/outcome-text';
import { type CallOutcome } from '../../../src/domain/calls/calls';

const outcome: CallOutcome = {
  ...{ callId: 'call/a/1', correlationId: 'c1', server: 'a', tool: 'echo', outcome: 'ok' },
  ...{ queuedMs: 5, ranMs: 12 },
};

test.each<[string, Partial<CallOutcome>, string]>([
  ['one attempt', { attempts: 1 }, 'ok in 12 ms after 5 ms in the queue'],
  ['a host of before', {}, 'ok in 12 ms after 5 ms in the queue'],
  [
    'three attempts',
    { attempts: 3, retriedMs: 3_000 },
    'ok in 12 ms (attempt 3, after 3s of retries) after 5 ms in the queue',
  ],
  [
    'one attempt, and the wait for another',
    { outcome: 'failed', attempts: 1, retriedMs: 3_000, ranMs: 0 },
    'failed in 0 ms (attempt 1, after 3s of retries) after 5 ms in the queue',
  ],
  ['the direct way', { path: 'direct' }, 'ok in 12 ms (direct)'],
])('tells the times of a call: %s', (_what, more, expected) => {
  expect(timingText({ ...outcome, ...more })).toBe(`${expected}; call/a/1, correlation c1`);
});
