import {
  ActivityExecutionAlreadyStartedError,
  ActivityExecutionFailedError,
  type ActivityHandle,
  type Client,
} from '@temporalio/client';
import { type GatewayActivities } from '../../src/domain/activity-types';
import { unanswered } from '../../src/domain/calls/input-request-permission';
import {
  type InputRequest,
  type InputResponse,
  type ClientInputRequest,
  type CallOrigin,
  MAX_INPUT_REQUESTS_PER_CALL,
} from '../../src/domain/calls/input-requests';
import { inputRequestActivityId, gatewayQueue } from '../../src/domain/names';
import { type CallClient, type ServerInputRequest } from '../../src/mcp/calls/open-call';
import { serverAttribute } from '../../src/temporal/server-attribute';
import { pause } from '../../src/async/pause';

/** Time that a client has to answer an input request of a server, in ms. */
const INPUT_REQUEST_TIMEOUT_MS = 10 * 60_000;
/** A gateway that holds an input request and is silent for this long is gone: the next process with its id gets the request. */
const INPUT_REQUEST_HEARTBEAT_TIMEOUT_MS = 3_000;

/** Pause between attempts to reach Temporal while it is unavailable, in ms. */
const RETRY_MS = 200;

/** Call or request that a server is working on. */
export interface RequestingCall {
  callId: string;
  server: string;
  principal: string;
  origin: CallOrigin;
  /** Number of the attempt: input requests of an earlier one have other ids. */
  attempt: number;
}

/** Client behind a call: each input request to it is an activity on the task queue of its gateway. */
export class CallInputRequests implements CallClient {
  readonly id: string;
  readonly #pending = new Set<InputRequest>();
  #requested: number;

  /** @param onChange - called when `pending` has changed */
  constructor(
    private readonly client: Client,
    private readonly call: RequestingCall,
    private readonly onChange: () => void,
  ) {
    const { gateway, session } = call.origin;
    this.id = session === undefined ? call.callId : `${gateway}/${session}`;
    this.#requested = (call.attempt - 1) * MAX_INPUT_REQUESTS_PER_CALL;
  }

  get capabilities() {
    return this.call.origin.capabilities;
  }

  get logLevel() {
    return this.call.origin.logLevel;
  }

  /** Input requests that the server is waiting for. */
  get pending(): InputRequest[] {
    return [...this.#pending];
  }

  async requestInput(question: ServerInputRequest, signal: AbortSignal): Promise<InputResponse> {
    const { callId, server, principal, origin } = this.call;
    const ask: InputRequest = {
      askId: inputRequestActivityId(callId, ++this.#requested),
      callId,
      server,
      ...question,
      createdAtMs: Date.now(),
      timeoutMs: INPUT_REQUEST_TIMEOUT_MS,
    };
    this.#pending.add(ask);
    this.onChange();
    try {
      return await this.#answerTo({ ...ask, origin, principal }, signal);
    } finally {
      this.#pending.delete(ask);
      this.onChange();
    }
  }

  async #answerTo(ask: ClientInputRequest, signal: AbortSignal): Promise<InputResponse> {
    const { askId, method, timeoutMs, createdAtMs } = ask;
    const activity = this.client.activity.getHandle<InputResponse>(askId);
    const withdraw = () => void this.#withdraw(activity);
    signal.addEventListener('abort', withdraw, { once: true });
    try {
      for (let isStarted = false; !signal.aborted && Date.now() < createdAtMs + timeoutMs;) {
        try {
          if (!isStarted) await this.#start(ask);
          isStarted = true;
          if (signal.aborted) withdraw();
          return await activity.result();
        } catch (error) {
          if (error instanceof ActivityExecutionFailedError) break;
          await pause(RETRY_MS, signal);
        }
      }
      return unanswered(method, `The client did not answer within ${timeoutMs} ms.`);
    } finally {
      signal.removeEventListener('abort', withdraw);
    }
  }

  /**
   * Starts the activity of an input request. If the response to an earlier start was lost, the request may already be
   * answered: the client is not asked again.
   */
  async #start(ask: ClientInputRequest): Promise<void> {
    const { askId, origin, server, method, timeoutMs } = ask;
    try {
      await this.client.activity.typed<GatewayActivities>().start('askClient', {
        id: askId,
        taskQueue: gatewayQueue(origin.gateway),
        args: [ask],
        summary: method,
        typedSearchAttributes: serverAttribute(server),
        heartbeatTimeout: INPUT_REQUEST_HEARTBEAT_TIMEOUT_MS,
        scheduleToCloseTimeout: timeoutMs,
        retry: { initialInterval: '50 ms', backoffCoefficient: 1.5, maximumInterval: '1 s' },
        idReusePolicy: 'REJECT_DUPLICATE',
        idConflictPolicy: 'FAIL',
      });
    } catch (error) {
      if (!(error instanceof ActivityExecutionAlreadyStartedError)) throw error;
    }
  }

  /** Cancels an input request whose answer is not needed anymore. */
  async #withdraw(activity: ActivityHandle<InputResponse>): Promise<void> {
    await activity.cancel('the call has ended').catch(() => undefined); // it may not have been started
  }
}
