import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Scope } from '../exchange';
import { type RpcMessage } from '../../base/jsonrpc';

/** What one principal may use at the same time; `Usage` counts the rest. */
interface KeyLimits {
  /** Sessions of legacy clients. */
  sessions: number;
  /** Bytes that wait for a client that does not read, for each stream and connection; above it, it is cut off. */
  bufferBytes: number;
}

/** Who sends a request, and what of: already checked. */
export interface Identity {
  /** `key:<name>`, or `local:<user>` without a key. */
  principal: string;
  scope: Scope;
  limits: KeyLimits;
}

/**
 * One HTTP request to an endpoint. Host, Origin, key, limits, method, content type and Accept were checked: a POST accepts
 * JSON or event streams, a GET event streams. Answer with `answer.ts` and `event-stream.ts`.
 */
export interface HttpCall {
  request: IncomingMessage;
  response: ServerResponse;
  identity: Identity;
  /** By its Accept: widely used clients name only one, and read both. */
  reads: { json: boolean; stream: boolean };
  /** Of a POST, parsed: not yet checked to be JSON-RPC (`readMessage`); an array is a batch. Absent otherwise. */
  body: unknown;
  /**
   * Fires when the client has gone before the response was complete. It does not when the client was sent away (its key counts no
   * more) in the middle of a call: what was accepted goes on, and what is written to the response then is dropped.
   */
  gone: AbortSignal;
}

/** Streamable HTTP: POST, and of the legacy era GET and DELETE. */
export interface HttpEra {
  /**
   * Resolves when the response is complete, or is a stream that lives on by itself. Counts what is under way (`Usage`) until that has
   * ended, which may be after the client has gone.
   *
   * @throws RpcError (sent with status 400), MainspringError UNKNOWN_SERVER or UNKNOWN_PROFILE (404), GATEWAY_BUSY (429), anything
   *   else (500); each
   *   as a JSON-RPC error with the id of the body, unless a response has begun
   */
  handle(call: HttpCall): Promise<void>;
}

/** The way to a client on a connection of its own (WebSocket, HTTP+SSE, and so stdio). */
export interface Outlet {
  /** What cannot be sent any more is dropped. A client that does not read is cut off. */
  send(message: RpcMessage): void;
  /** Fires when nothing can be sent any more. */
  readonly closed: AbortSignal;
}

/**
 * Messages both ways on one connection. Each era gets a peer of its own for every connection, and only the messages of its era
 * (`eraOfMessage`): responses go to the legacy peer, `notifications/cancelled` to the one that has the request.
 */
export interface DuplexEra {
  /**
   * With a `sessionId`: the client says that it goes on with a session, perhaps of another process. What was sent before the promise
   * resolves is not lost.
   *
   * @throws MainspringError UNKNOWN_SESSION, UNKNOWN_SERVER or UNKNOWN_PROFILE: the connection is refused with status 404
   */
  open(identity: Identity, outlet: Outlet, options: { sessionId?: string }): Promise<DuplexPeer>;
}

export interface DuplexPeer {
  /** What a client presents to go on after its connection broke; told to it before anything else. Legacy only, and from the start. */
  readonly sessionId?: string;
  /** In the order in which the client sent them; well-formed. Never throws: it answers with an error. */
  receive(message: RpcMessage): void;
  /**
   * The connection is over. `ended`: the client has said so and will not come back; `gone`: it may, with its session id; `dismissed`: it
   * must not, but what it has started goes on.
   */
  close(how: 'ended' | 'gone' | 'dismissed'): void;
}
