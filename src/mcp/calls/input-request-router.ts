import {
  type JSONRPCNotification,
  type JSONRPCRequest,
  type RequestId,
} from '@modelcontextprotocol/client';
import { declined } from '../../domain/calls/input-request-permission';
import {
  INPUT_REQUEST_METHODS,
  type InputResponse,
  type InputRequestMethod,
} from '../../domain/calls/input-requests';
import { type OpenCall } from './open-call';
import { isJsonObject, type JsonObject } from '../../base/json';
import { META } from '../../base/mcp-names';

/**
 * Passes input requests of a legacy server to the client of their call, and declines those that
 * belong to no call.
 */
export class InputRequestRouter {
  readonly #pending = new Map<RequestId, AbortController>();

  constructor(
    private readonly calls: ReadonlySet<OpenCall>,
    private readonly respond: (id: RequestId, answer: InputResponse) => Promise<void>,
  ) {}

  /** Handles a request that clients answer; returns false for any other. */
  take({ id, method, params = {} }: JSONRPCRequest, related: OpenCall | undefined): boolean {
    if (!isInputRequestMethod(method)) return false;
    if (this.#pending.has(id)) return true; // only the first request with an ID is answered
    const withdrawn = new AbortController();
    this.#pending.set(id, withdrawn);
    const call = related ?? callOf(params, this.calls);
    const request = { method, params: jsonOf(params) };
    const asking =
      call?.requestInput(request, withdrawn.signal) ?? Promise.resolve(declined(method));
    void asking
      .then((answer) => (withdrawn.signal.aborted ? undefined : this.respond(id, answer)))
      .catch(() => undefined) // a closed connection needs no answer
      .finally(() => this.#pending.delete(id));
    return true;
  }

  /** Handles the server's cancellation of an input request. */
  withdraw({ params }: JSONRPCNotification): void {
    const id = params?.['requestId'];
    if (typeof id === 'string' || typeof id === 'number') this.#pending.get(id)?.abort();
  }
}

/**
 * Finds the call of a message that came on no stream of its own: the one whose task it names, or
 * the newest in flight if all of them belong to one client. A client never gets the requests of
 * another client's call.
 */
function callOf(params: object, calls: ReadonlySet<OpenCall>): OpenCall | undefined {
  const sent = [...calls].filter(({ isSent }) => isSent);
  const taskId = taskIdOf(params);
  if (taskId !== undefined) return sent.find((call) => call.taskId === taskId);
  const newest = sent.at(-1);
  if (sent.length < 2) return newest;
  const id = newest?.options.client?.id;
  const isOneClient = id !== undefined && sent.every(({ options }) => options.client?.id === id);
  return isOneClient ? newest : undefined;
}

function taskIdOf(params: object): string | undefined {
  const meta = '_meta' in params ? params._meta : undefined;
  const task = isJsonObject(meta) ? meta[META.relatedTask] : undefined;
  const id = isJsonObject(task) ? task['taskId'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** Whether a method is one of the requests that the client of a call answers. */
export function isInputRequestMethod(method: unknown): method is InputRequestMethod {
  return INPUT_REQUEST_METHODS.some((known) => known === method);
}

/** Frames come from JSON.parse. */
function jsonOf(params: object): JsonObject {
  return isJsonObject(params) ? params : {};
}
