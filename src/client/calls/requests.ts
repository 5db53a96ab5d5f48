import { randomUUID } from 'node:crypto';
import {
  ActivityExecutionFailedError,
  type ActivityHandle,
  ActivityNotFoundError,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallActivities } from '../../domain/activity-types';
import { type CallOrigin, MAX_CLIENT_WAIT_MS } from '../../domain/calls/input-requests';
import { type ErrorReport, fixFor, isErrorCode, MainspringError } from '../../base/errors';
import { callQueue, requestActivityId } from '../../domain/names';
import {
  type RequestAnswer,
  type RequestInput,
  type RequestMethod,
  type RequestOutcome,
} from '../../domain/calls/requests';
import { serverAttribute } from '../../temporal/server-attribute';
import { storedAnswer } from './stored-answer';
import { admitted } from './call-admission';
import { type CallContext } from './call-context';
import { checkSize } from './check-arguments';
import { fairnessKey } from './call-id';
import { isUnavailable, translated } from '../failures';
import { type JsonObject } from '../../base/json';
import {
  CALL_HEARTBEAT_TIMEOUT_MS,
  CALL_TIMEOUT_MARGIN_MS,
} from '../../domain/calls/call-attempts';

/** Pause between attempts to reach Temporal while it is unavailable, in ms. */
const RETRY_MS = 200;

export interface RequestOptions {
  /** Milliseconds that the server may take; default its `timeouts.call`. */
  timeoutMs?: number;
  principal?: string;
  origin?: CallOrigin;
  meta?: JsonObject;
}

/** A request that Temporal has. */
export interface RequestHandle {
  readonly id: string;
  readonly server: string;
  readonly principal: string;
  /** Resolves also when there is no answer; throws only when that cannot be known. */
  result(): Promise<RequestOutcome>;
  cancel(reason: string): Promise<void>;
}

/** Requests of clients to servers besides tool calls: reading resources, getting prompts, completing arguments. */
export class Requests {
  constructor(private readonly context: CallContext) {}

  /**
   * Hands a request to Temporal; it waits for a server that is starting, as calls do, and is retried when its host is
   * lost.
   *
   * @throws MainspringError ARGUMENTS_TOO_LARGE, or when it is refused by the state of the server
   */
  async start(
    server: string,
    method: RequestMethod,
    params: JsonObject,
    options: RequestOptions = {},
  ): Promise<RequestHandle> {
    checkSize(params);
    const { snapshots, onDemand } = this.context;
    const snapshot = await admitted(snapshots, await onDemand.awake(await onDemand.known(server)));
    const { timeouts } = snapshot.signed.spec;
    const { principal = this.context.principal, timeoutMs = timeouts.callMs } = options;
    const input: RequestInput = {
      requestId: requestActivityId(server, randomUUID()),
      server,
      method,
      params,
      principal,
      timeoutMs,
      queueTimeoutMs: timeouts.queueMs,
      correlationId: randomUUID(),
      ...(options.origin && { origin: options.origin }),
      ...(options.meta && { meta: options.meta }),
    };
    const activity = await this.#submit(input);
    return this.#handle(activity, input);
  }

  /** Returns the handle of a request that some process, perhaps another one, has started; throws UNKNOWN_CALL. */
  async get(id: string): Promise<RequestHandle> {
    const activity: ActivityHandle<RequestAnswer> = this.context.client.activity.getHandle(id);
    try {
      const description = await activity.describe({ includeInput: true });
      const [input] = (await description.getInput<[RequestInput]>()) ?? [];
      if (input) return this.#handle(activity, input);
    } catch (error) {
      if (!(error instanceof ActivityNotFoundError)) throw error;
    }
    throw new MainspringError('UNKNOWN_CALL', `There is no request ${id}.`);
  }

  async #submit(input: RequestInput): Promise<ActivityHandle<RequestAnswer>> {
    const { requestId, server, method, timeoutMs, queueTimeoutMs, principal } = input;
    const askingMs = input.origin ? MAX_CLIENT_WAIT_MS : 0;
    try {
      return await this.context.client.activity.typed<CallActivities>().start('mcpRequest', {
        id: requestId,
        taskQueue: callQueue(server),
        args: [input],
        summary: method,
        typedSearchAttributes: serverAttribute(server),
        scheduleToStartTimeout: Math.max(1, queueTimeoutMs),
        scheduleToCloseTimeout: queueTimeoutMs + timeoutMs + askingMs + CALL_TIMEOUT_MARGIN_MS,
        heartbeatTimeout: CALL_HEARTBEAT_TIMEOUT_MS,
        priority: { fairnessKey: fairnessKey(principal) },
        retry: { initialInterval: '50 ms', backoffCoefficient: 1.5, maximumInterval: '1 s' },
      });
    } catch (error) {
      throw translated(error, server);
    }
  }

  #handle(activity: ActivityHandle<RequestAnswer>, input: RequestInput): RequestHandle {
    const { requestId: id, server, principal } = input;
    return {
      id,
      server,
      principal,
      result: () => this.#outcome(activity, input),
      cancel: (reason) => activity.cancel(reason),
    };
  }

  async #outcome(
    activity: ActivityHandle<RequestAnswer>,
    input: RequestInput,
  ): Promise<RequestOutcome> {
    for (;;) {
      try {
        return await this.#outcomeOf(await activity.result(), input);
      } catch (error) {
        if (error instanceof ActivityExecutionFailedError) {
          return { error: reportOfFailure(error.cause, input) };
        }
        if (!isUnavailable(error)) throw translated(error, input.server);
        await sleep(RETRY_MS);
      }
    }
  }

  async #outcomeOf(answer: RequestAnswer, { requestId }: RequestInput): Promise<RequestOutcome> {
    const { error } = answer;
    if (error) return { error };
    const { result, rpcError } = await storedAnswer(answer, this.context.store.results);
    if (rpcError) return { rpcError };
    if (result) return { result };
    const message = `The result of ${requestId} is not stored in this data directory.`;
    return {
      error: { code: 'RESULT_EXPIRED', message, fix: 'Send the request again.' },
    };
  }
}

function reportOfFailure(
  cause: Error | undefined,
  { server, method, queueTimeoutMs }: RequestInput,
): ErrorReport {
  const report = (code: ErrorReport['code'], message: string) => ({
    code,
    message,
    fix: fixFor(code, server),
  });
  if (cause instanceof CancelledFailure) {
    return report('CALL_CANCELLED', `"${method}" was cancelled: ${cause.message}.`);
  }
  if (cause instanceof TimeoutFailure) {
    const waited = `"${server}" did not respond to "${method}" within its queue timeout (${queueTimeoutMs} ms) and request timeout.`;
    return report('QUEUE_TIMEOUT', waited);
  }
  const isOurs = cause instanceof ApplicationFailure && isErrorCode(cause.type);
  const code = isOurs && isErrorCode(cause.type) ? cause.type : 'INTERNAL_ERROR';
  return report(code, cause?.message ?? `"${method}" failed; no reason given.`);
}
