import {
  ApplicationFailure,
  CancelledFailure,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import { outcomeOfFailure } from '../../../src/client/calls/call-outcome';
import { recordEnd } from '../../../src/client/calls/record-end';
import { type CallRecord } from '../../../src/domain/calls/calls';
import { openStore } from '../../../src/store/open-store';
import { useTemporaryFolder } from '../../temporary-folder';

const home = useTemporaryFolder();
const call = { callId: 'call/a/1', correlationId: 'c', server: 'a', tool: 't' };

const LOST = { outcome: 'unknown', hostLost: true, digest: 'd', queuedMs: 1, ranMs: 2 };

const timeout = (type: TimeoutType) => new TimeoutFailure('late', undefined, type);

test.each<[string, Error, Partial<CallRecord>]>([
  [
    'lost its host',
    timeout(TimeoutType.HEARTBEAT),
    { status: 'unknown', errorClass: 'crash', attempts: 2 },
  ],
  [
    'was given up for its dead host',
    ApplicationFailure.nonRetryable('gone', 'OUTCOME_UNKNOWN', LOST),
    { status: 'unknown', errorClass: 'crash' },
  ],
  ['waited too long', timeout(TimeoutType.SCHEDULE_TO_START), { status: 'failed' }],
  ['was cancelled while it waited', new CancelledFailure('no'), { status: 'failed' }],
])(
  'a call that %s is in the index although no host has seen its end',
  async (_what, cause, expected) => {
    const store = await openStore(home());
    try {
      const outcome = outcomeOfFailure(call, cause, 1_000);
      const ended = { principal: 'anna', submittedAtMs: 1_000, cause, reached: 2 };
      recordEnd(store.calls, outcome, ended);
      const [record] = await store.calls.list({ limit: 1 }); // one connection: it comes after the write
      expect(record).toMatchObject({ callId: 'call/a/1', principal: 'anna', ...expected });
      expect(record?.errorClass).toBe(expected.errorClass);
    } finally {
      await store.close();
    }
  },
);
