import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { CallAttempt } from '../../../activities/calls/call-attempt';
import { Semaphore } from '../../../src/async/semaphore';
import { SessionIsolation } from '../../../activities/server/session-isolation';
import { type Session } from '../../../activities/session/session';
import { SupervisedServer } from '../../../activities/server/supervised-server';
import { serverFor } from '../../../activities/calls/waiting-call';
import {
  type CallHeartbeat,
  type CallInput,
  type CallRecord,
} from '../../../src/domain/calls/calls';
import { DEFAULT_RETRY, type RetrySpec } from '../../../src/domain/spec';
import { CallError, type CallErrorKind } from '../../../src/mcp/calls/call-error';
import { createMask } from '../../../src/process/mask';
import { stdioSpec } from '../../domain/samples';
import { FakeConnection } from '../fake-connection';

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
  /** Attempts that have reached the server, by the heartbeats of the attempt before. */
  sent?: number;
  /** All that they say, in the place of `sent`. */
  heartbeat?: CallHeartbeat;
  submittedAtMs?: number;
  queueTimeoutMs?: number;
  cancelled?: 'requested' | 'drain';
  /** What the child was given. */
  secret?: string;
}

type ErrorDetails = ConstructorParameters<typeof CallError>[2];

const servers: SupervisedServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.kill())));

function setUp(given: Given = {}) {
  const { retry, attempt = 1, sent, queueTimeoutMs = 60_000, cancelled, secret = '' } = given;
  const { submittedAtMs = Date.now(), heartbeat = sent !== undefined && { sent } } = given;
  const spec = stdioSpec({ retry: { ...DEFAULT_RETRY, ...retry } });
  const server = new SupervisedServer(spec, {
    launch: async () => ({ ...new FakeConnection(1).launched(), mask: createMask([secret]) }),
    onReady: () => undefined,
    onBackoff: () => undefined,
  });
  server.start();
  servers.push(server);
  const never = new Promise<never>(() => undefined);
  const lease = {
    isHeld: () => true,
    lost: never,
    cancelRequested: never,
    beat: async () => undefined,
    close: () => undefined,
  };
  const identity = { name: 'files', generation: 2, epoch: 3 };
  const isolation = new SessionIsolation(
    {
      spec: () => spec,
      catalogues: { get: async () => undefined, put: async () => undefined },
      notices: { publish: () => undefined },
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
    room: new Semaphore(1),
    spec,
    ending: undefined,
  };
  const environment = new MockActivityEnvironment({
    ...{ attempt, scheduledTimestampMs: submittedAtMs },
    ...(heartbeat && { heartbeatDetails: heartbeat }),
  });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details) => heartbeats.push(details));
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
  const input = { ...INPUT, queueTimeoutMs };
  const call = new CallAttempt(deps, session, input, environment.context);
  return { records, heartbeats, call, server };
}

/** What Temporal is told: whether it tries again, under which code, and with which outcome. */
function toldOf(error: Error) {
  if (error instanceof CancelledFailure) return { as: 'cancelled', details: error.details?.[0] };
  if (!(error instanceof ApplicationFailure)) throw error;
  const delay: unknown = error.nextRetryDelay;
  return {
    as: error.nonRetryable ? 'final' : 'retry',
    code: error.type,
    details: error.details?.[0],
    delay,
  };
}

const REPEATABLE: Given = { retry: { tools: ['copy'] } };
const FIXED = {
  strategy: 'fixed',
  ...{ delayMs: 200, maxDelayMs: 500, maxAttempts: 2 },
  on: ['server' as const, 'tool' as const],
} as const;
const BY_POLICY: Given = { retry: { policies: { copy: { ...FIXED, on: [...FIXED.on] } } } };

const AGAIN = { as: 'retry', code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown' } };
const UNKNOWN = { as: 'final', code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown' } };
const UNKNOWN_END = { as: 'final', code: 'OUTCOME_UNKNOWN' };
const NOT_RUN = { as: 'final', details: { outcome: 'failed' } };

test('what a child said is masked also when that child is gone, or another has taken its place', async () => {
  const secret = 'planted-5d20f8';
  const { call, server, records } = setUp({ secret });
  await serverFor(call);
  await server.kill();
  const failure = call.failure(new CallError('lost', `it said ${secret}`));
  expect(failure.message).toContain('it said ***');
  expect(JSON.stringify([failure, records])).not.toContain(secret);
});

test.each<[string, Given, [CallErrorKind, ErrorDetails?], object]>([
  ['was not sent', {}, ['not-sent'], { as: 'retry', code: 'NOT_SENT' }],
  [
    'was not sent, and never can be',
    {},
    ['not-sent', { retryable: false }],
    { ...NOT_RUN, code: 'CONNECTION_FAILED' },
  ],
  [
    'was not sent before its queue time was over',
    { queueTimeoutMs: 0 },
    ['not-sent'],
    { ...NOT_RUN, code: 'QUEUE_TIMEOUT' },
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
    ['not-sent', { retryable: false }],
    { as: 'retry', code: 'NOT_SENT' },
  ],
  [
    'was cancelled, as the server confirmed',
    { cancelled: 'requested' },
    ['cancelled', { cancel: 'answered' }],
    { as: 'cancelled', details: { outcome: 'cancelled' } },
  ],
  [
    'was cancelled, without an answer of the server',
    { cancelled: 'requested' },
    ['cancelled', { cancel: 'silent' }],
    { as: 'cancelled', details: { outcome: 'cancelled' } },
  ],
  [
    'was cancelled again, after an attempt that was lost',
    { ...REPEATABLE, attempt: 2, sent: 1, cancelled: 'requested' },
    ['cancelled', { cancel: 'silent' }],
    { as: 'cancelled', details: { outcome: 'cancelled' } },
  ],
  [
    'was cancelled, and its server was lost',
    { ...REPEATABLE, cancelled: 'requested' },
    ['cancelled', { cancel: 'lost' }],
    UNKNOWN,
  ],
  [
    'was cut off by a draining host, as the server confirmed',
    { cancelled: 'drain' },
    ['cancelled', { cancel: 'answered' }],
    { as: 'final', code: 'CALL_CANCELLED', details: { outcome: 'cancelled' } },
  ],
  [
    'was cut off by a draining host without a confirmation',
    { cancelled: 'drain' },
    ['cancelled', { cancel: 'silent' }],
    UNKNOWN,
  ],
  ['was sent and lost', {}, ['lost', { errorClass: 'crash' }], UNKNOWN],
  [
    'was lost, with another tool declared safe',
    { retry: { tools: ['read'] } },
    ['lost', { errorClass: 'crash' }],
    UNKNOWN,
  ],
  ['was lost, with its tool declared safe', REPEATABLE, ['lost', { errorClass: 'crash' }], AGAIN],
  [
    'was lost for the last time',
    { ...REPEATABLE, attempt: 3, sent: 2 },
    ['lost', { errorClass: 'crash' }],
    UNKNOWN,
  ],
  [
    'was lost for the second time, after attempts that were not sent',
    { ...REPEATABLE, attempt: 9, sent: 1 },
    ['lost', { errorClass: 'crash' }],
    AGAIN,
  ],
  [
    'was lost with an error that is not worth another attempt',
    REPEATABLE,
    ['lost', { errorClass: 'protocol' }],
    UNKNOWN,
  ],
  [
    'was lost, with a policy for its tool',
    BY_POLICY,
    ['lost', { errorClass: 'server' }],
    { ...AGAIN, delay: 200 },
  ],
  [
    'was lost with an error that its policy does not name',
    BY_POLICY,
    ['lost', { errorClass: 'crash' }],
    UNKNOWN,
  ],
  [
    'was lost for the last time by its policy',
    { ...BY_POLICY, attempt: 2, sent: 1 },
    ['lost', { errorClass: 'server' }],
    UNKNOWN,
  ],
  [
    'was lost at a server that asks for a pause',
    BY_POLICY,
    ['lost', { errorClass: 'server', retryAfterMs: 400 }],
    { ...AGAIN, delay: 400 },
  ],
  [
    'was answered with an error, with a policy for its tool',
    BY_POLICY,
    ['rejected', { errorClass: 'tool' }],
    { as: 'retry', code: 'TOOL_ERROR', details: { outcome: 'cancelled' } },
  ],
  [
    'was turned away by a busy server',
    {},
    ['not-sent', { errorClass: 'rate-limit', retryable: true, retryAfterMs: 5_000 }],
    { as: 'retry', code: 'RATE_LIMITED', details: { outcome: 'failed' } },
  ],
  [
    'was turned away for longer than it may wait',
    {},
    ['not-sent', { errorClass: 'rate-limit', retryable: true, retryAfterMs: 90_000 }],
    { ...NOT_RUN, code: 'RATE_LIMITED' },
  ],
  [
    'was turned away after it had been sent',
    { ...REPEATABLE, attempt: 2, sent: 1 },
    ['not-sent', { errorClass: 'rate-limit', retryable: true, retryAfterMs: 90_000 }],
    UNKNOWN,
  ],
  [
    'was refused its credentials after it had been sent',
    { ...REPEATABLE, attempt: 2, sent: 1 },
    ['not-sent', { errorClass: 'auth', retryable: false }],
    UNKNOWN,
  ],
  [
    'was cancelled before it was sent again',
    { ...REPEATABLE, attempt: 2, sent: 1, cancelled: 'requested' },
    ['not-sent'],
    UNKNOWN,
  ],
])('a call that %s', (_what, given, [kind, details], expected) => {
  const { call } = setUp(given);
  const error = call.failure(new CallError(kind, 'it went wrong', details));
  expect(toldOf(error)).toMatchObject(expected);
});

test('attempts that reached the server are counted from one to the next', () => {
  const first = setUp(REPEATABLE);
  first.call.failure(new CallError('not-sent', 'no child'));
  expect(first.heartbeats).toEqual([]);
  first.call.failure(new CallError('lost', 'it crashed', { errorClass: 'crash' }));
  expect(first.heartbeats).toEqual([{ sent: 1 }]);
  const third = setUp({ ...REPEATABLE, attempt: 3, sent: 1 });
  third.call.sentAtMs = Date.now();
  third.call.heartbeat({ progress: { progress: 5 } });
  third.call.failure(new CallError('lost', 'it crashed', { errorClass: 'crash' }));
  expect(third.heartbeats).toMatchObject([{ sent: 2, progress: { progress: 5 } }]);
  expect(third.heartbeats).toHaveLength(1);
});

test.each<[string, Given, boolean]>([
  ['was not sent yet', { attempt: 7 }, false],
  ['was sent, and is not to be repeated', { attempt: 2, sent: 1 }, true],
  ['was sent, and may be repeated', { ...REPEATABLE, attempt: 2, sent: 1 }, false],
  ['was sent as often as it may be', { ...REPEATABLE, attempt: 4, sent: 3 }, true],
])('whether a call is over before its next attempt: it %s', (_what, given, isOver) => {
  const spent = setUp(given).call.spent();
  expect(spent && toldOf(spent)).toEqual(isOver ? expect.objectContaining(UNKNOWN_END) : undefined);
});

test('attempts are counted apart from the time in the queue, those that were turned away included', () => {
  const first = setUp();
  first.call.sentAtMs = Date.now();
  first.call.failure(new CallError('not-sent', 'HTTP 429', { errorClass: 'rate-limit' }));
  const [beaten] = first.heartbeats;
  expect(beaten).toEqual({ sent: 0, tries: { count: 1, sinceMs: first.call.sentAtMs } });

  const submittedAtMs = Date.now() - 5_000;
  const heartbeat = { sent: 0, tries: { count: 1, sinceMs: submittedAtMs + 100 } };
  const second = setUp({ attempt: 4, heartbeat, submittedAtMs });
  second.call.sentAtMs = submittedAtMs + 3_100;
  const answer = second.call.answered('ok', { result: { content: [] } });
  expect(answer).toMatchObject({ queuedMs: 100, attempts: 2, retriedMs: 3_000 });
  expect(answer.ranMs).toBeGreaterThanOrEqual(1_900);
  expect(second.records).toMatchObject([{ attempts: 2, retriedMs: 3_000, queuedMs: 100 }]);
});

test('a call that only waited has no attempts', () => {
  const { call, records } = setUp({ attempt: 9, queueTimeoutMs: 0 });
  call.failure(new CallError('not-sent', 'no child'));
  expect(records).toMatchObject([{ status: 'failed', attempts: 0 }]);
  expect(records[0]).not.toHaveProperty('retriedMs');
});

test('one that was counted and turned out not to have run is taken back', () => {
  const { call, heartbeats } = setUp(REPEATABLE);
  call.sentAtMs = Date.now();
  call.heartbeat();
  call.failure(new CallError('not-sent', 'HTTP 429', { errorClass: 'rate-limit' }));
  expect(heartbeats).toMatchObject([{ sent: 1 }, { sent: 0 }]);
});

test('what ends a call for good is in the call index, and what is tried again is not', () => {
  const { call, records } = setUp();
  call.failure(new CallError('not-sent', 'no child'));
  expect(records).toEqual([]);
  call.sentAtMs = Date.now();
  call.failure(new CallError('lost', 'the child died', { errorClass: 'crash' }));
  expect(records).toMatchObject([
    {
      callId: INPUT.callId,
      status: 'unknown',
      principal: 'anna',
      host: 'host-1',
      generation: 2,
      epoch: 3,
      error: { code: 'OUTCOME_UNKNOWN' },
      errorClass: 'crash',
      attempts: 1,
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
