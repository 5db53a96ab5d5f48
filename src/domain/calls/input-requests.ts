import { type JsonObject } from '../../base/json';
import { type RpcErrorObject } from '../../base/jsonrpc';

/** Interval between checks for requests to a client whose call belongs to another gateway process. */
export const PENDING_INPUT_REQUESTS_INTERVAL_MS = 1_000;
/** Longest total time that a call may wait for its client; its own timeout is paused meanwhile. */
export const MAX_CLIENT_WAIT_MS = 60 * 60_000;
/** Maximum of requests to the client per call; further ones are declined. */
export const MAX_INPUT_REQUESTS_PER_CALL = 100;

/** Requests that a server may send to the client in the middle of a call. */
export const INPUT_REQUEST_METHODS = [
  'elicitation/create',
  'sampling/createMessage',
  'roots/list',
] as const;
export type InputRequestMethod = (typeof INPUT_REQUEST_METHODS)[number];

/** The client behind a call or request, as the gateway knows it. */
export interface CallOrigin {
  /** ID of the gateway that it came through: the queue for requests of the server. */
  gateway: string;
  /** Session of a legacy client; another gateway process may serve it by then. */
  session?: string;
  /**
   * MCP ClientCapabilities: the requests that it can receive. A modern server gets exactly these with each call, and no
   * others.
   */
  capabilities: JsonObject;
  /** MCP log level that it has requested; absent when it has requested none. */
  logLevel?: string;
}

/** Request of a server to the client of a call: activity `askClient`, on the gateway's queue, with the ID `askId`. */
export interface InputRequest {
  askId: string;
  /** Activity ID of the call or request that the server is processing. */
  callId: string;
  server: string;
  /**
   * Name that a modern server gave it in its `inputRequests`; modern clients get it under the same name, with all
   * requests of one round together.
   */
  key?: string;
  /** Number of input requests that a modern server sent at once, this one included; modern clients get them together. */
  together?: number;
  method: InputRequestMethod;
  params: JsonObject;
  createdAtMs: number;
  /** Time from `createdAtMs` after which the server gets the response for an unanswered request. */
  timeoutMs: number;
}

/** Input of activity `askClient`. */
export interface ClientInputRequest extends InputRequest {
  origin: CallOrigin;
  principal: string;
}

/** Exact response of the client, or the reason why there is none. */
export type InputResponse = { result: JsonObject } | { error: RpcErrorObject };
