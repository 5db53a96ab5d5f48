import { CompleteAsyncError } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { AwaitedCalls } from '../../../activities/calls/awaited-calls';
import { endForWaiters } from '../../../activities/calls/end-for-waiters';
import { type CallAnswer } from '../../../src/domain/calls/calls';

const ANSWER: CallAnswer = { outcome: 'ok', digest: '', queuedMs: 0, ranMs: 0 };
const ID = 'call/files/1';

let awaited: AwaitedCalls;
let told: (CallAnswer | undefined)[];
let completed: unknown[];

beforeEach(() => {
  awaited = new AwaitedCalls();
  told = [];
  completed = [];
});

const wait = () => awaited.wait('files', ID, (answer) => told.push(answer));

/** How the activity of a call ends that runs like this, with a Temporal that takes the answer or does not. */
async function endOf(run: () => Promise<CallAnswer>, take: () => Promise<void> = async () => {}) {
  const complete = async (_token: unknown, answer: unknown) => {
    expect(told).toEqual([]);
    await take();
    completed.push(answer);
  };
  const deps = { awaited, client: { activity: { complete } } };
  const environment = new MockActivityEnvironment({ activityId: ID });
  return environment.run(() => endForWaiters(deps, ID, run)).catch((error: unknown) => error);
}

it('leaves a call that nobody waits for to the worker', async () => {
  expect(await endOf(async () => ANSWER)).toEqual(ANSWER);
  expect(completed).toEqual([]);
});

it('tells the answer as soon as Temporal has it, and to those who came while the call ran', async () => {
  const end = await endOf(async () => {
    wait();
    return ANSWER;
  });
  expect(end).toBeInstanceOf(CompleteAsyncError);
  expect(completed).toEqual([ANSWER]);
  expect(told).toEqual([ANSWER]);
});

it('leaves the answer to the worker when Temporal does not take it, and tells nobody', async () => {
  wait();
  const end = await endOf(
    async () => ANSWER,
    async () => {
      throw new Error('unavailable');
    },
  );
  expect(end).toEqual(ANSWER);
  expect(told).toEqual([undefined]);
});

it('leaves a failure to the worker, and lets those who wait ask Temporal', async () => {
  wait();
  const failure = new Error('not sent');
  expect(
    await endOf(async () => {
      throw failure;
    }),
  ).toBe(failure);
  expect(told).toEqual([undefined]);
});

it('ends the call the same way when one who waits cannot be told', async () => {
  awaited.wait('files', ID, () => {
    throw new Error('gone');
  });
  wait();
  expect(await endOf(async () => ANSWER)).toBeInstanceOf(CompleteAsyncError);
  expect(told).toEqual([ANSWER]);
});
