import { setTimeout as sleep } from 'node:timers/promises';
import { ActivityExecutionFailedError } from '@temporalio/client';
import {
  type CallAnswer,
  type CallHeartbeat,
  type CallOutcome,
  type CallProgress,
} from '../../domain/calls/calls';
import { admissionOf } from '../../domain/calls/admission';
import { observe } from '../../domain/servers/observation';
import { callInputOf, type CallStatus, statusOf, unknownCall } from './call-activity';
import { isUnavailable } from '../failures';
import { type CallIdentity, isSeenByHost, outcomeOfAnswer, outcomeOfFailure } from './call-outcome';
import { mayHaveReachedBy } from './may-have-reached';
import { type QueuePlace } from './durable/queue-places';
import { recordEnd } from './record-end';
import { viewSession } from '../servers/session-view';
import { type CallActivity } from './durable/submit-call';
import { type ToldEnd } from '../host-sockets/host-connection';
import { isAsleep } from '../servers/on-demand';
import { type CallContext } from './call-context';
import { recheck } from '../../async/recheck';

/** Time after which a call that has not started checks the server's state again, in ms. */
const CALL_RECHECK_MS = 500;

/** Pause between attempts to reach Temporal while it is unavailable, in ms. */
const RETRY_MS = 200;
/** Pause between checks of a queued call's server, after the first, in ms. */
const WATCH_INTERVAL_MS = 2_000;
const PROGRESS_INTERVAL_MS = 500;

/**
 * Details of a call besides those in its outcome.
 *
 * @internal
 */
export interface CallDetails {
  principal: string;
  submittedAtMs: number;
  /** Set for a call that this process has submitted. */
  place?: QueuePlace;
}

interface HandleParts {
  context: CallContext;
  activity: CallActivity;
  /** Set where the host of the server tells the end of the call. */
  told?: ToldEnd;
  call: CallIdentity;
  details: CallDetails;
}

/** A call that Temporal has. Any process can get one by its id and wait for the same result. */
export class CallHandle {
  readonly id: string;
  readonly server: string;
  readonly tool: string;
  readonly principal: string;
  readonly correlationId: string;

  /** @internal */
  constructor(private readonly parts: HandleParts) {
    const { activity, call, details } = parts;
    this.id = activity.activityId;
    this.server = call.server;
    this.tool = call.tool;
    this.principal = details.principal;
    this.correlationId = call.correlationId;
  }

  /** Waits for the end of the call, however often Temporal is unavailable meanwhile. */
  async result(): Promise<CallOutcome> {
    const { place } = this.parts.details;
    place?.keep();
    const pauses = { firstMs: CALL_RECHECK_MS, thenMs: WATCH_INTERVAL_MS };
    const stopWatching = recheck(pauses, () => this.#cancelWhenRefused());
    try {
      return await this.#outcome();
    } finally {
      place?.leave();
      stopWatching();
    }
  }

  async status(): Promise<CallStatus> {
    return statusOf(await this.#describe());
  }

  /** Requests cancellation: before it is sent the call does not run; afterwards the server is notified. */
  async cancel(reason = 'requested by the caller'): Promise<void> {
    await this.parts.activity.cancel(reason).catch((error: unknown) => {
      throw unknownCall(error, this.id);
    });
    this.parts.told?.forget(); // Temporal may end it without its host
  }

  /** Yields the newest progress that the server reported, each time it changes, until the call ends. */
  async *progress(): AsyncGenerator<CallProgress> {
    let seen: string | undefined;
    for (;;) {
      const description = await this.#describe({ includeHeartbeatDetails: true });
      const heartbeat = await description.getHeartbeatDetails<CallHeartbeat | null>();
      const progress = heartbeat?.progress;
      const text = JSON.stringify(progress);
      if (progress && text !== seen) yield progress;
      seen = text;
      if (description.status !== 'RUNNING') return;
      await sleep(PROGRESS_INTERVAL_MS);
    }
  }

  async #outcome(): Promise<CallOutcome> {
    const { call, context } = this.parts;
    for (;;) {
      try {
        const answer = await this.#answer();
        return await outcomeOfAnswer(call, answer, context.store.results);
      } catch (error) {
        const outcome = await this.#outcomeOf(error);
        if (outcome) return await this.#explained(outcome);
        await sleep(RETRY_MS);
      }
    }
  }

  /** Asking costs Temporal about a tenth of what the call does: where the host tells the end of a short one, it is not done. */
  async #answer(): Promise<CallAnswer> {
    const { activity, told } = this.parts;
    return (await told?.answer) ?? activity.result();
  }

  /** Returns the outcome for an error; undefined while Temporal is unavailable. */
  async #outcomeOf(error: unknown): Promise<CallOutcome | undefined> {
    const { call, context, details } = this.parts;
    try {
      if (!(error instanceof ActivityExecutionFailedError)) throw error;
      const { cause } = error;
      if (isSeenByHost(cause)) return outcomeOfFailure(call, cause, details.submittedAtMs);
      const description = await this.#describe({ includeHeartbeatDetails: true });
      const reached = await mayHaveReachedBy(description);
      const outcome = outcomeOfFailure(call, cause, details.submittedAtMs, reached);
      recordEnd(context.store.calls, outcome, { ...details, cause, reached });
      return outcome;
    } catch (failure) {
      if (isUnavailable(failure)) return undefined;
      throw unknownCall(failure, this.id);
    }
  }

  /** Adds what its server was busy with when no host took the call in time. */
  async #explained(outcome: CallOutcome): Promise<CallOutcome> {
    const { error } = outcome;
    if (error?.code !== 'QUEUE_TIMEOUT') return outcome;
    const { context, call } = this.parts;
    const found = await context.snapshots.recent(call.server).catch(() => undefined); // the outcome stands without it
    if (!found || admissionOf(found) !== 'wait') return outcome;
    const view = found.hasSession
      ? await viewSession(context, call.server, found.generation).catch(() => undefined) // likewise
      : undefined;
    const { state, reason } = observe(found, view, Date.now());
    const why = `The server is ${state}: ${reason}.`;
    return { ...outcome, error: { ...error, message: `${error.message} ${why}` } };
  }

  /** Cancels a call that has not started and is refused now: its server may have been stopped meanwhile. */
  async #cancelWhenRefused(): Promise<void> {
    const { snapshots, onDemand } = this.parts.context;
    const found = await snapshots.recent(this.server);
    const { state, reason } = found;
    if (isAsleep(found)) {
      // It went to sleep in the very moment in which the call came.
      await onDemand.wake(this.server);
    } else if (admissionOf(found) === 'refuse' && (await this.status()) === 'queued') {
      await this.cancel(`the server is ${state}: ${reason}`);
    }
  }

  async #describe(options?: Parameters<CallActivity['describe']>[0]) {
    try {
      return await this.parts.activity.describe(options);
    } catch (error) {
      throw unknownCall(error, this.id);
    }
  }
}

/**
 * The handle of a call that some process, perhaps another one, submitted.
 *
 * @internal
 */
export async function findCall(context: CallContext, id: string): Promise<CallHandle> {
  const activity: CallActivity = context.client.activity.getHandle(id);
  try {
    const description = await activity.describe({ includeInput: true });
    const input = await callInputOf(id, description);
    const submittedAtMs = description.scheduleTime?.getTime() ?? Date.now();
    const { correlationId, server, tool, principal } = input;
    const call = { callId: id, correlationId, server, tool };
    const details = { principal, submittedAtMs };
    return new CallHandle({ context, activity, call, details });
  } catch (error) {
    throw unknownCall(error, id);
  }
}
