import { setTimeout as sleep } from 'node:timers/promises';
import {
  ActivityExecutionAlreadyStartedError,
  ActivityNotFoundError,
  type ActivityHandle,
  type ActivityOptions,
} from '@temporalio/client';
import { type CallActivities } from '../domain/activity-types';
import { type CallAnswer, type CallHeartbeat, type CallInput } from '../domain/calls';
import { MainspringError } from '../domain/errors';
import {
  CALL_HEARTBEAT_TIMEOUT_MS,
  CALL_TIMEOUT_MARGIN_MS,
  MAX_ASKING_MS,
  MAX_RESUBMISSIONS,
} from '../domain/limits';
import { callId, callQueue } from '../domain/names';
import { fairnessKey } from './call-id';
import { type ClientContext } from './context';
import { isUnavailable, translated } from './failures';
import { outcomeOfFailure } from './outcome-of';

/** Between attempts to hand a call to a Temporal that is away. */
const RETRY_MS = 200;

export interface Submission {
  input: Omit<CallInput, 'callId'>;
  keyDigest: string;
  /** A key of the caller may have been used before; one that was made up now cannot. */
  isOwnKey: boolean;
  repeatable: boolean;
  /** 1, first, to 5. */
  priority: number;
}

export type CallActivity = ActivityHandle<CallAnswer>;

/**
 * Hands a call to Temporal under the id of its key. When there is a call of that id already, this one joins
 * it; only one that did not run gets a successor.
 */
export async function submit(
  context: ClientContext,
  submission: Submission,
): Promise<CallActivity> {
  for (let number = 1; number <= MAX_RESUBMISSIONS; number++) {
    const id = callId(submission.input.server, submission.keyDigest, number);
    const started = await start(context, submission, id);
    if (started) return started;
    const existing: CallActivity = context.client.activity.getHandle(id);
    if (!(await didNotRun(existing, submission))) return existing;
  }
  const message = `The key was submitted ${MAX_RESUBMISSIONS} times and never ran.`;
  throw new MainspringError('IDEMPOTENCY_CONFLICT', message, { fix: 'Use a new key.' });
}

/** Whether the key of a call has one that runs or ran, so that submitting it again adds none to the queue. */
export async function hasCall({ client }: ClientContext, submission: Submission): Promise<boolean> {
  if (!submission.isOwnKey) return false;
  for (let number = 1; number <= MAX_RESUBMISSIONS; number++) {
    const id = callId(submission.input.server, submission.keyDigest, number);
    try {
      if (!(await didNotRun(client.activity.getHandle(id), submission))) return true;
    } catch (error) {
      if (error instanceof ActivityNotFoundError) return false;
      throw translated(error, submission.input.server);
    }
  }
  return false;
}

/** Undefined when the id is taken. A Temporal that is away is waited for as long as the call may queue. */
async function start(
  { client }: ClientContext,
  submission: Submission,
  id: string,
): Promise<CallActivity | undefined> {
  const giveUpAt = Date.now() + submission.input.queueTimeoutMs;
  for (;;) {
    try {
      return await client.activity
        .typed<CallActivities>()
        .start('callTool', optionsOf(submission, id));
    } catch (error) {
      if (error instanceof ActivityExecutionAlreadyStartedError) {
        // Under a key made up just now it can only be this call, whose first attempt got through after all.
        return submission.isOwnKey ? undefined : client.activity.getHandle(id);
      }
      if (!isUnavailable(error) || Date.now() > giveUpAt) {
        throw translated(error, submission.input.server);
      }
      await sleep(RETRY_MS);
    }
  }
}

function optionsOf({ input, repeatable, priority }: Submission, id: string) {
  const { server, tool, timeoutMs, queueTimeoutMs, principal } = input;
  const askingMs = input.origin ? MAX_ASKING_MS : 0;
  const onceSent = ['TemporalTimeout:Heartbeat', 'TemporalTimeout:StartToClose'];
  return {
    id,
    taskQueue: callQueue(server),
    args: [{ ...input, callId: id, submittedAtMs: Date.now() }],
    summary: tool,
    scheduleToStartTimeout: Math.max(1, queueTimeoutMs),
    // The time of a call stands while its server waits for the client.
    startToCloseTimeout: queueTimeoutMs + timeoutMs + askingMs + CALL_TIMEOUT_MARGIN_MS,
    heartbeatTimeout: CALL_HEARTBEAT_TIMEOUT_MS,
    // Where calls wait, principals take turns, however many each has.
    priority: { priorityKey: priority, fairnessKey: fairnessKey(principal) },
    retry: {
      initialInterval: '50 ms',
      backoffCoefficient: 1.5,
      maximumInterval: '1 s',
      // A host that went silent may have sent the call; only what it says it did not send is tried again.
      nonRetryableErrorTypes: repeatable ? [] : onceSent,
    },
    idReusePolicy: 'REJECT_DUPLICATE',
    idConflictPolicy: 'FAIL',
  } satisfies ActivityOptions & { args: [CallInput] };
}

/** Whether the call of this id ended without having run. A different call under the same key is a mistake. */
async function didNotRun(existing: CallActivity, { input }: Submission): Promise<boolean> {
  const description = await existing.describe({
    includeInput: true,
    includeOutcome: true,
    includeHeartbeatDetails: true,
  });
  const [stored] = (await description.getInput<[CallInput]>()) ?? [];
  if (stored && stored.digest !== input.digest) {
    throw new MainspringError(
      'IDEMPOTENCY_CONFLICT',
      `The key belongs to another call of "${input.server}": ${stored.tool} with other arguments.`,
    );
  }
  if (!description.hasOutcomeFailure) return false;
  const call = { ...input, callId: existing.activityId };
  const failure = await description.getOutcomeFailure();
  const heartbeat = await description.getHeartbeatDetails<CallHeartbeat | null>();
  return outcomeOfFailure(call, failure, Date.now(), heartbeat?.sent).outcome === 'failed';
}
