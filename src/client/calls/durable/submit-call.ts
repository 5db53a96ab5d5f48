import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ActivityExecutionDescription,
  ActivityExecutionAlreadyStartedError,
  ActivityNotFoundError,
  type ActivityHandle,
  type ActivityOptions,
} from '@temporalio/client';
import { type CallActivities } from '../../../domain/activity-types';
import {
  attemptPolicy,
  CALL_HEARTBEAT_TIMEOUT_MS,
  CALL_TIMEOUT_MARGIN_MS,
} from '../../../domain/calls/call-attempts';
import { type CallAnswer, type CallInput } from '../../../domain/calls/calls';
import { MainspringError } from '../../../base/errors';
import { callId, callQueue } from '../../../domain/names';
import { fairnessKey } from '../call-id';
import { serverAttribute } from '../../../temporal/server-attribute';
import { type ClientContext } from '../../context';
import { isUnavailable, translated } from '../../failures';
import { findKeyChain, permitNext } from './key-chain';
import { mayHaveReachedBy } from '../may-have-reached';
import { outcomeOfFailure } from '../call-outcome';
import { type ToldEnd } from '../../host-sockets/host-connection';
import { MAX_CLIENT_WAIT_MS } from '../../../domain/calls/input-requests';

/** Pause between attempts to hand a call to Temporal while it is unavailable, in ms. */
const RETRY_MS = 200;

export interface Submission {
  input: Omit<CallInput, 'callId'>;
  keyDigest: string;
  /** Whether the key is the caller's own, which may have been used before; a generated one cannot. */
  isOwnKey: boolean;
  repeatable: boolean;
  /** From 1, first, to 5. */
  priority: number;
  /** Lets the host of the server tell how the call ends, where that is possible. */
  awaitEnd: (callId: string) => ToldEnd | undefined;
}

export type CallActivity = ActivityHandle<CallAnswer>;

export interface SubmittedCall {
  activity: CallActivity;
  /** Set for a call that was not there before, where its host tells its end. */
  told?: ToldEnd;
}

/**
 * Hands a call to Temporal under the id of its key. When a call with that id already exists, this one joins it; only
 * one that did not run gets a successor. An unavailable Temporal is waited for as long as the call may queue.
 */
export async function submitCall(
  context: ClientContext,
  submission: Submission,
): Promise<SubmittedCall> {
  const { server, queueTimeoutMs } = submission.input;
  const giveUpAt = Date.now() + queueTimeoutMs;
  for (;;) {
    try {
      return await (submission.isOwnKey ? submitOwn : submitNew)(context, submission);
    } catch (error) {
      if (!isUnavailable(error) || Date.now() > giveUpAt) throw translated(error, server);
      await sleep(RETRY_MS);
    }
  }
}

/** Whether the key has a call that runs or ran, so that submitting it again adds none to the queue. */
export async function hasCall({ client }: ClientContext, submission: Submission): Promise<boolean> {
  if (!submission.isOwnKey) return false;
  try {
    const { number } = await findKeyChain(client, keyOf(submission));
    return !(await endedWithoutRunning(
      client.activity.getHandle(idOf(submission, number)),
      submission,
    ));
  } catch (error) {
    if (error instanceof ActivityNotFoundError) return false;
    throw translated(error, submission.input.server);
  }
}

async function submitOwn(context: ClientContext, submission: Submission): Promise<SubmittedCall> {
  const { client } = context;
  const key = keyOf(submission);
  let chain = await findKeyChain(client, key);
  for (;;) {
    const id = idOf(submission, chain.number);
    const started = await start(context, submission, id);
    if (started) return started;
    const existing: CallActivity = client.activity.getHandle(id);
    const ended = await endedWithoutRunning(existing, submission);
    if (!ended) return { activity: existing };
    chain = await permitNext(client, key, chain, ended);
  }
}

/**
 * Submits a call under a generated key: one that already exists can only be this one, whose first attempt got through
 * after all.
 */
async function submitNew(context: ClientContext, submission: Submission): Promise<SubmittedCall> {
  const id = idOf(submission, 1);
  const started = await start(context, submission, id);
  return started ?? { activity: context.client.activity.getHandle(id) };
}

const idOf = ({ input, keyDigest }: Submission, number: number) =>
  callId(input.server, keyDigest, number);

const keyOf = ({ input, keyDigest }: Submission) => ({ server: input.server, keyDigest });

/** Starts the activity; undefined when the id is taken. */
async function start(
  { client }: ClientContext,
  submission: Submission,
  id: string,
): Promise<SubmittedCall | undefined> {
  const told = submission.awaitEnd(id); // before: the call may have ended when its submission is confirmed
  try {
    const activity = await client.activity
      .typed<CallActivities>()
      .start('callTool', optionsOf(submission, id));
    return { activity, told };
  } catch (error) {
    told?.forget();
    if (error instanceof ActivityExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

function optionsOf({ input, repeatable, priority }: Submission, id: string) {
  const { server, tool, timeoutMs, queueTimeoutMs, principal } = input;
  const askingMs = input.origin ? MAX_CLIENT_WAIT_MS : 0;
  return {
    id,
    taskQueue: callQueue(server),
    args: [{ ...input, callId: id, submittedAtMs: Date.now() }],
    summary: tool,
    typedSearchAttributes: serverAttribute(server),
    scheduleToStartTimeout: Math.max(1, queueTimeoutMs),
    // The clock of a call is stopped while its server waits for the client.
    startToCloseTimeout: queueTimeoutMs + timeoutMs + askingMs + CALL_TIMEOUT_MARGIN_MS,
    heartbeatTimeout: CALL_HEARTBEAT_TIMEOUT_MS,
    // Where calls wait, principals take turns, however many each has.
    priority: { priorityKey: priority, fairnessKey: fairnessKey(principal) },
    // A host that went silent may have sent the call; only one that it reports as not sent is retried.
    retry: attemptPolicy({ repeatable, queueTimeoutMs }),
    idReusePolicy: 'REJECT_DUPLICATE',
    idConflictPolicy: 'FAIL',
  } satisfies ActivityOptions & { args: [CallInput] };
}

/** Returns the call of this id if it ended without having run. A different call under the same key is a mistake. */
async function endedWithoutRunning(
  existing: CallActivity,
  { input }: Submission,
): Promise<ActivityExecutionDescription | undefined> {
  const description = await existing.describe({
    includeInput: true,
    includeOutcome: true,
    includeHeartbeatDetails: true,
  });
  const [stored] = (await description.getInput<[CallInput]>()) ?? [];
  if (stored && stored.digest !== input.digest) {
    throw new MainspringError(
      'IDEMPOTENCY_CONFLICT',
      `The key was already used for a different call to "${input.server}": ${stored.tool} with other arguments.`,
    );
  }
  if (!description.hasOutcomeFailure) return undefined;
  const call = { ...input, callId: existing.activityId };
  const failure = await description.getOutcomeFailure();
  const reached = await mayHaveReachedBy(description);
  const { outcome } = outcomeOfFailure(call, failure, Date.now(), reached);
  return outcome === 'failed' ? description : undefined;
}
