import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { verifiedCalls } from '../../../activities/calls/verified-calls';
import { type CallAnswer, type CallInput } from '../../../src/domain/calls/calls';
import { markUnsigned } from '../../../src/domain/trust/unsigned-values';

const ANSWER: CallAnswer = { outcome: 'ok', digest: '', queuedMs: 0, ranMs: 0 };
const ID = 'call/files/1';

let ran: string[];
let calls: ReturnType<typeof verifiedCalls>;

beforeEach(() => {
  ran = [];
  calls = verifiedCalls('files', {
    async callTool({ callId }) {
      ran.push(callId);
      return ANSWER;
    },
    mcpRequest: async () => ({ result: {} }),
  });
});

function input(over: Partial<CallInput> = {}): CallInput {
  return {
    ...{ callId: ID, server: 'files', tool: 'echo', args: {}, digest: '' },
    ...{ timeoutMs: 1_000, queueTimeoutMs: 1_000, principal: 'p', correlationId: 'c' },
    ...{ submittedAtMs: Date.now(), ...over },
  };
}

type Info = NonNullable<ConstructorParameters<typeof MockActivityEnvironment>[0]>;

/** How an activity of this id and run ends. */
async function endOf(given: CallInput, info: Info = {}): Promise<unknown> {
  const own = { activityId: ID, activityRunId: 'run-1', scheduledTimestampMs: Date.now() };
  const environment = new MockActivityEnvironment({ ...own, ...info });
  const act = async () => calls.callTool(given);
  return environment.run(act).catch((error: unknown) => {
    const { type, details } =
      error instanceof ApplicationFailure ? error : ({} as ApplicationFailure);
    const [first] = details ?? [];
    return [type, first];
  });
}

const REFUSED = ['INPUT_UNTRUSTED', expect.objectContaining({ outcome: 'unknown' })];

it('runs a call where it was signed for, and its further attempts', async () => {
  expect(await endOf(input())).toEqual(ANSWER);
  expect(await endOf(input(), { attempt: 2, heartbeatDetails: { sent: 0 } })).toEqual(ANSWER);
  expect(ran).toEqual([ID, ID]);
});

it('runs no other activity of the same id', async () => {
  const given = input();
  await endOf(given);
  expect(await endOf(given, { activityRunId: 'run-2' })).toEqual(REFUSED);
  expect(await endOf(given, { activityRunId: 'run-1' })).toEqual(ANSWER);
});

it.each<[what: string, given: Partial<CallInput>, info: Info]>([
  ['under another id', {}, { activityId: `${ID}~2` }],
  ['of another server', { server: 'shell' }, {}],
  ['of before', { submittedAtMs: Date.now() - 3_600_000 }, {}],
  ['without a time', { submittedAtMs: undefined }, {}],
])('runs none %s', async (_what, given, info) => {
  expect(await endOf(input(given), info)).toEqual(REFUSED);
  expect(ran).toEqual([]);
});

it('believes no heartbeat that was not signed: it may say that nothing was sent', async () => {
  const forged = { sent: 0 };
  markUnsigned(forged, 'missing');
  expect(await endOf(input(), { attempt: 2, heartbeatDetails: forged })).toEqual(REFUSED);
});
