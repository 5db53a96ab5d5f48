import {
  ApplicationFailure,
  CancelledFailure,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import {
  outcomeOfAnswer,
  outcomeOfFailure,
  outcomeOfRefusal,
} from '../../../src/client/calls/call-outcome';
import { MainspringError } from '../../../src/base/errors';

const call = { callId: 'call/a/1', correlationId: 'c', server: 'a', tool: 't' };
const details = { digest: 'd', queuedMs: 2, ranMs: 3 };
const results = {
  put: async () => undefined,
  get: async (ref: string) => ({ content: [], ref }),
  removeOlderThan: async () => 0,
};

const ofFailure = (cause: Error | undefined) => {
  const { outcome, error } = outcomeOfFailure(call, cause, Date.now());
  return [outcome, error?.code];
};

describe('the outcome of a call', () => {
  it('is what the server answered, with a large result read from the store', async () => {
    const answer = { outcome: 'ok', ...details } as const;
    const small = await outcomeOfAnswer(call, { ...answer, result: { content: [] } }, results);
    expect(small).toEqual({
      ...call,
      outcome: 'ok',
      result: { content: [] },
      queuedMs: 2,
      ranMs: 3,
    });
    const large = await outcomeOfAnswer(call, { ...answer, resultRef: 'r1' }, results);
    expect(large.result).toEqual({ content: [], ref: 'r1' });
  });

  it('is failed when no host took it in time', () => {
    const timeout = new TimeoutFailure('late', undefined, TimeoutType.SCHEDULE_TO_START);
    expect(ofFailure(timeout)).toEqual(['failed', 'QUEUE_TIMEOUT']);
  });

  it('is unknown when the host that had it went silent', () => {
    const silent = new TimeoutFailure('silent', undefined, TimeoutType.HEARTBEAT);
    expect(ofFailure(silent)).toEqual(['unknown', 'OUTCOME_UNKNOWN']);
    const late = new TimeoutFailure('late', undefined, TimeoutType.START_TO_CLOSE);
    expect(ofFailure(late)).toEqual(['unknown', 'OUTCOME_UNKNOWN']);
  });

  it('is failed when it was cancelled while it waited, and else what the host says', () => {
    expect(ofFailure(new CancelledFailure('no'))).toEqual(['failed', 'CALL_CANCELLED']);
    const sent = new CancelledFailure('no', [{ outcome: 'cancelled', ...details }]);
    expect(ofFailure(sent)).toEqual(['cancelled', 'CALL_CANCELLED']);
  });

  it.each([
    [
      'cancelled',
      'cancelled; the server confirmed it',
      'The call was cancelled; the server confirmed it.',
    ],
    ['cancelled', undefined, 'The call was cancelled while it was running.'],
    ['failed', 'cancelled before it was sent', 'The call was cancelled before it was sent.'],
    ['failed', 'the server restarts', 'The call was cancelled before it ran: the server restarts.'],
  ])(
    'says how it was cancelled, which Temporal keeps only in the details: %s, %s',
    (outcome, reason, text) => {
      const failure = new CancelledFailure('Activity canceled', [{ outcome, reason, ...details }]);
      expect(outcomeOfFailure(call, failure, Date.now()).error?.message).toBe(text);
    },
  );

  it('is what the host says of a call that it could not finish, with its times', () => {
    const failure = ApplicationFailure.nonRetryable('gone', 'CONNECTION_LOST', {
      outcome: 'unknown',
      ...details,
    });
    expect(outcomeOfFailure(call, failure, Date.now())).toMatchObject({
      ...{ outcome: 'unknown', error: { code: 'CONNECTION_LOST' }, queuedMs: 2, ranMs: 3 },
    });
  });

  it('is unknown when Temporal ended it between attempts of which one was sent', () => {
    const ofSent = (cause: Error, sent: number) => outcomeOfFailure(call, cause, 0, sent).outcome;
    const timeout = new TimeoutFailure('late', undefined, TimeoutType.SCHEDULE_TO_START);
    expect([ofSent(timeout, 0), ofSent(timeout, 1)]).toEqual(['failed', 'unknown']);
    const cancelled = new CancelledFailure('no');
    expect([ofSent(cancelled, 0), ofSent(cancelled, 2)]).toEqual(['failed', 'unknown']);
    const told = new CancelledFailure('no', [{ outcome: 'cancelled', ...details }]);
    expect(ofSent(told, 1)).toBe('cancelled');
  });

  it('is unknown for a failure that says nothing', () => {
    expect(ofFailure(ApplicationFailure.create({ message: 'x' }))).toEqual([
      ...['unknown', 'INTERNAL_ERROR'],
    ]);
    expect(ofFailure(undefined)).toEqual(['unknown', 'OUTCOME_UNKNOWN']);
  });

  it('is failed when it was refused before it was submitted; other errors are thrown', () => {
    for (const code of ['UNKNOWN_TOOL', 'QUEUE_FULL', 'CIRCUIT_OPEN'] as const) {
      const refused = new MainspringError(code, 'no');
      expect(outcomeOfRefusal(call, refused)).toMatchObject({ outcome: 'failed', callId: '' });
    }
    const away = new MainspringError('TEMPORAL_UNREACHABLE', 'away');
    expect(() => outcomeOfRefusal(call, away)).toThrow(away);
  });
});
