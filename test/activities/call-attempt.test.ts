import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { CallAttempt } from '../../activities/call-attempt';
import { SessionIsolation } from '../../activities/session-isolation';
import { type Session } from '../../activities/session';
import { SupervisedServer } from '../../activities/supervised-server';
import { type CallInput, type CallRecord } from '../../src/domain/calls';
import { DEFAULT_RETRY, type RetrySpec } from '../../src/domain/spec';
import { CallError, type CallErrorKind } from '../../src/mcp/call-error';
import { stdioSpec } from '../domain/samples';
import { FakeConnection } from './fake-connection';

const INPUT: CallInput = {
  callId: 'call/files/abc',
  server: 'files',
  tool: 'copy',
  args: {},
  digest: 'a digest',
  timeoutMs: 1_000,
  queueTimeoutMs: 60_000,
  principal: 'anna',
  correlationId: 'c-1',
};

interface Given {
  retry?: Partial<RetrySpec>;
  attempt?: number;
  cancelled?: 'requested' | 'drain';
}

const servers: SupervisedServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.kill())));

function setUp({ retry, attempt = 1, cancelled }: Given = {}) {
  const spec = stdioSpec({ retry: { ...DEFAULT_RETRY, ...retry } });
  const server = new SupervisedServer(spec, {
    launch: async () => new FakeConnection(1).launched(),
    onReady: () => undefined,
    onBackoff: () => undefined,
  });
  servers.push(server);
  const never = new Promise<never>(() => undefined);
  const lease = {
    isHeld: () => true,
    lost: never,
    cancelRequested: never,
    close: () => undefined,
  };
  const identity = { name: 'files', generation: 2, epoch: 3 };
  const isolation = new SessionIsolation(
    {
      spec: () => spec,
      catalogues: { get: async () => undefined, put: async () => undefined },
      report: () => undefined,
      checkNow: () => never,
    },
    {},
  );
  const session: Session = {
    ...identity,
    replica: 0,
    server,
    lease,
    isolation,
    spec,
    ending: undefined,
  };
  const scheduledTimestampMs = Date.now();
  const environment = new MockActivityEnvironment({ attempt, scheduledTimestampMs });
  environment.context.cancelled.catch(() => undefined);
  if (cancelled === 'requested') {
    const details = new ActivityCancellationDetails({ cancelRequested: true });
    environment.cancel('CANCELLED', details);
  }
  if (cancelled === 'drain') {
    const details = new ActivityCancellationDetails({ workerShutdown: true });
    environment.cancel('WORKER_SHUTDOWN', details);
  }
  const records: CallRecord[] = [];
  const callLog = { write: async (record: CallRecord) => void records.push(record) };
  const deps = { hostId: 'host-1', callLog };
  return { records, call: new CallAttempt(deps, session, INPUT, environment.context) };
}

/** What Temporal is told: whether it tries again, under which code, and with which outcome. */
function toldOf(error: Error) {
  if (error instanceof CancelledFailure) return { as: 'cancelled', details: error.details?.[0] };
  if (!(error instanceof ApplicationFailure)) throw error;
  return {
    as: error.nonRetryable ? 'final' : 'retry',
    code: error.type,
    details: error.details?.[0],
  };
}

test.each<[string, Given, [CallErrorKind, { retryable?: boolean; confirmed?: boolean }?], object]>([
  ['was not sent', {}, ['not-sent'], { as: 'retry', code: 'NOT_SENT' }],
  [
    'was not sent, and never can be',
    {},
    ['not-sent', { retryable: false }],
    { as: 'final', code: 'CONNECTION_FAILED', details: { outcome: 'failed' } },
  ],
  [
    'was cancelled before it was sent',
    { cancelled: 'requested' },
    ['not-sent'],
    { as: 'cancelled', details: { outcome: 'failed' } },
  ],
  [
    'was not sent by a draining host',
    { cancelled: 'drain' },
    ['not-sent'],
    { as: 'retry', code: 'NOT_SENT' },
  ],
  [
    'was cancelled, as the server confirmed',
    { cancelled: 'requested' },
    ['cancelled', { confirmed: true }],
    { as: 'cancelled', details: { outcome: 'cancelled' } },
  ],
  [
    'was cancelled without a confirmation',
    { cancelled: 'requested' },
    ['cancelled'],
    { as: 'final', code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown' } },
  ],
  [
    'was cut off by a draining host, as the server confirmed',
    { cancelled: 'drain' },
    ['cancelled', { confirmed: true }],
    { as: 'final', code: 'CALL_CANCELLED', details: { outcome: 'cancelled' } },
  ],
  [
    'was cut off by a draining host without a confirmation',
    { cancelled: 'drain' },
    ['cancelled'],
    { as: 'final', code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown' } },
  ],
  [
    'was sent and lost',
    {},
    ['lost'],
    { as: 'final', code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown' } },
  ],
  [
    'was lost, with another tool declared safe',
    { retry: { tools: ['read'] } },
    ['lost'],
    { as: 'final', code: 'OUTCOME_UNKNOWN' },
  ],
  [
    'was lost, with its tool declared safe',
    { retry: { tools: ['copy'] } },
    ['lost'],
    { as: 'retry', code: 'NOT_SENT' },
  ],
  [
    'was lost for the last time',
    { retry: { tools: ['copy'], maxAttempts: 3 }, attempt: 3 },
    ['lost'],
    { as: 'final', code: 'OUTCOME_UNKNOWN' },
  ],
])('a call that %s', (_what, given, [kind, details], expected) => {
  const { call } = setUp(given);
  const error = call.failure(new CallError(kind, 'it went wrong', details));
  expect(toldOf(error)).toMatchObject(expected);
});

test('what ends a call for good is in the call index, and what is tried again is not', () => {
  const { call, records } = setUp();
  call.failure(new CallError('not-sent', 'no child'));
  expect(records).toEqual([]);
  call.sentAtMs = Date.now();
  call.failure(new CallError('lost', 'the child died'));
  expect(records).toMatchObject([
    {
      callId: INPUT.callId,
      status: 'unknown',
      principal: 'anna',
      host: 'host-1',
      generation: 2,
      epoch: 3,
      error: { code: 'OUTCOME_UNKNOWN' },
    },
  ]);
});

test('an answer carries the digest and its times', () => {
  const { call, records } = setUp();
  call.sentAtMs = Date.now();
  const answer = call.answered('ok', { result: { content: [] } });
  expect(answer).toMatchObject({ outcome: 'ok', digest: INPUT.digest, result: { content: [] } });
  expect(answer.queuedMs).toBeGreaterThanOrEqual(0);
  expect(answer.ranMs).toBeGreaterThanOrEqual(0);
  expect(records).toMatchObject([{ status: 'ok' }]);
});

test('the text of a tool error is cut', () => {
  const { call } = setUp();
  expect(call.toolError('x'.repeat(10_000)).message.length).toBeLessThanOrEqual(500);
});
