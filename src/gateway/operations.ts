import { type InputResponse } from '../domain/calls/input-requests';
import { type GatewayDeps } from './deps';
import { type Exchange } from './exchange';
import { isListMethod, listPage } from './endpoint/lists';
import { rpcErrorOf } from './rpc';
import { isRequestMethod, resumeRequest, startRequest } from './calls/forward-request';
import { type Started, type StartOptions } from './calls/started';
import { resumeCall, startCall } from './calls/tool-calls';
import { type JsonObject } from '../base/json';

/** Operations that both eras share. All errors are RpcErrors. */
export interface Operations {
  /**
   * Handles `tools/list`, `resources/*`, `prompts/*` and `completion/complete`, and `tools/call` to
   * its end.
   */
  handle(exchange: Exchange, method: string, params: JsonObject): Promise<JsonObject>;
  /**
   * Starts `tools/call`, `resources/read`, `prompts/get` or `completion/complete`; resolves as soon
   * as Temporal has it. It counts as one of the principal's calls until it has ended, even if no
   * one waits for it; GATEWAY_BUSY when there are too many.
   */
  start(
    exchange: Exchange,
    method: string,
    params: JsonObject,
    options?: StartOptions,
  ): Promise<Started>;
  /** Resumes a call of this principal that was started before, perhaps by another process. */
  resume(exchange: Exchange, callId: string): Promise<Started>;
  /**
   * Passes a client's answer to the waiting server. The first answer counts; later ones are
   * ignored.
   */
  answer(askId: string, answer: InputResponse): Promise<void>;
}

/** Whether `start` accepts a method. */
export function startsCall(method: string): boolean {
  return method === 'tools/call' || isRequestMethod(method);
}

export function createOperations(deps: GatewayDeps): Operations {
  const operations: Operations = {
    async handle(exchange, method, params) {
      if (isListMethod(method)) return listPage(deps, exchange, method, params);
      const started = await operations.start(exchange, method, params);
      return started.result();
    },

    start: (exchange, method, params, options = {}) =>
      translated(async () => {
        const release = deps.usage.take('calls', exchange.caller.principal);
        try {
          const started =
            method === 'tools/call'
              ? await startCall(deps, exchange, params, options)
              : await startRequest(deps, exchange, method, params);
          started.result().then(release, release); // rejections reach those who wait for the result
          return started;
        } catch (error) {
          release();
          throw error;
        }
      }),

    resume: (exchange, callId) =>
      translated(() => {
        if (callId.startsWith('call/')) return resumeCall(deps, exchange, callId);
        return resumeRequest(deps, exchange, callId);
      }),

    answer: (askId, answer) =>
      translated(async () => {
        if (!deps.live.answer(askId, answer)) await deps.inputRequests.answer(askId, answer);
      }),
  };
  return operations;
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw rpcErrorOf(error);
  }
}
