import { type JsonObject } from '../../base/json';
import { type RpcErrorObject } from '../../base/jsonrpc';

/** Between looks at what a server asks a client whose call another gateway process has. */
export const PENDING_INPUT_REQUESTS_INTERVAL_MS = 1_000;
/** How long a call may wait for its client altogether; its own time stands meanwhile. */
export const MAX_CLIENT_WAIT_MS = 60 * 60_000;
/** Further questions of one call are declined. */
export const MAX_INPUT_REQUESTS_PER_CALL = 100;

/** What a server may ask the client of a call in the middle of it. */
export const INPUT_REQUEST_METHODS = [
  'elicitation/create',
  'sampling/createMessage',
  'roots/list',
] as const;
export type InputRequestMethod = (typeof INPUT_REQUEST_METHODS)[number];

/** The client behind a call or request, as the gateway knows it. */
export interface CallOrigin {
  /** Id of the gateway that it came through: the queue of what the server asks. */
  gateway: string;
  /** Session of a legacy client, which may be with another gateway process by then. */
  session?: string;
  /** MCP ClientCapabilities: what it can be asked. A modern server is told exactly these with each call, and no others. */
  capabilities: JsonObject;
  /** MCP log level of what it wants to hear; absent: it has not said. */
  logLevel?: string;
}

/** A request of a server to the client of a call: activity `askClient`, on the gateway's queue, under `askId`. */
export interface InputRequest {
  askId: string;
  /** Activity id of the call or request that the server is busy with. */
  callId: string;
  server: string;
  /** What a modern server called it in its `inputRequests`; modern clients get it under the same name, asks of one round together. */
  key?: string;
  method: InputRequestMethod;
  params: JsonObject;
  createdAtMs: number;
  /** From `createdAtMs`; then the server is told that nobody answered. */
  timeoutMs: number;
}

/** Input of activity `askClient`. */
export interface ClientInputRequest extends InputRequest {
  origin: CallOrigin;
  principal: string;
}

/** What the client answered, exactly; or why it did not. */
export type InputResponse = { result: JsonObject } | { error: RpcErrorObject };
