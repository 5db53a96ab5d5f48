import { CompleteAsyncError, Context } from '@temporalio/activity';
import { type AsyncCompletionClient } from '@temporalio/client';
import { type CallAnswer } from '../../src/domain/calls/calls';
import { placeOf } from '../host/heartbeat-now';
import { type AwaitedCalls } from './awaited-calls';

interface Deps {
  client: { activity: Pick<AsyncCompletionClient, 'complete'> };
  awaited: AwaitedCalls;
}

/**
 * Runs a call, and tells who waits for it at this host how it ended. Nobody is told an answer before Temporal has
 * confirmed it, as the key has to find the same one ever after; so it is handed over here instead of by the worker, which
 * does not say when that is done.
 */
export async function endForWaiters(
  { client, awaited }: Deps,
  callId: string,
  run: () => Promise<CallAnswer>,
): Promise<CallAnswer> {
  let known: CallAnswer | undefined;
  try {
    const answer = await run();
    if (!awaited.has(callId)) return answer;
    const context = Context.current();
    try {
      await client.activity.complete(context.info.taskToken, answer, placeOf(context));
    } catch {
      return answer; // the worker tries until it gets through, or hears why it cannot
    }
    known = answer;
  } finally {
    awaited.settle(callId, known);
  }
  throw new CompleteAsyncError();
}
