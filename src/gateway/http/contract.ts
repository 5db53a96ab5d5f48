import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Scope } from '../exchange';
import { type RpcMessage } from '../../base/jsonrpc';

/** Limits of one principal at a time; `Usage` counts the others. */
interface KeyLimits {
  /** Sessions of legacy clients. */
  sessions: number;
  /**
   * Bytes that may wait for a client that does not read, per stream and connection; above it, the
   * client is disconnected.
   */
  bufferBytes: number;
}

/** Authenticated sender of a request, and the scope it may use. */
export interface Identity {
  /** `key:<name>`, or `local:<user>` without a key. */
  principal: string;
  scope: Scope;
  limits: KeyLimits;
}

/**
 * HTTP request to an endpoint. Host, Origin, key, limits, method, content type and Accept have been
 * checked: a POST accepts JSON or event streams, a GET event streams. Answer with `answer.ts` and
 * `event-stream.ts`.
 */
export interface HttpCall {
  request: IncomingMessage;
  response: ServerResponse;
  identity: Identity;
  /** Content types by its Accept header: widely used clients name only one, and read both. */
  reads: { json: boolean; stream: boolean };
  /**
   * Parsed body of a POST, not yet checked to be JSON-RPC (`readMessage`); an array is a batch.
   * Absent otherwise.
   */
  body: unknown;
  /**
   * Fires if the client disconnects before the response is complete. It does not fire if we
   * disconnected the client (its key was removed) during a call: the accepted call continues, and
   * its response is dropped.
   */
  gone: AbortSignal;
}

/** Streamable HTTP: POST, and in the legacy era GET and DELETE. */
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

/** Connection to a client on a transport of its own (WebSocket, HTTP+SSE, and so stdio). */
export interface Outlet {
  /**
   * Sends a message; dropped if the client can no longer receive it. A client that does not read is
   * disconnected.
   */
  send(message: RpcMessage): void;
  /** Fires when nothing can be sent anymore. */
  readonly closed: AbortSignal;
}

/**
 * Messages in both directions on one connection. Each era gets its own peer for every connection,
 * and only the messages of its era (`eraOfMessage`): responses go to the legacy peer,
 * `notifications/cancelled` to the one that has the request.
 */
export interface DuplexEra {
  /**
   * Opens a peer. With a `sessionId`, the client resumes a session, perhaps of another process.
   * Messages sent before the promise resolves are not lost.
   *
   * @throws MainspringError UNKNOWN_SESSION, UNKNOWN_SERVER or UNKNOWN_PROFILE: the connection is refused with status 404
   */
  open(identity: Identity, outlet: Outlet, options: { sessionId?: string }): Promise<DuplexPeer>;
}

export interface DuplexPeer {
  /**
   * Session ID with which a client resumes after its connection broke; sent to it before anything
   * else. Legacy only, and set from the start.
   */
  readonly sessionId?: string;
  /**
   * Receives well-formed messages in the order in which the client sent them. Never throws: it
   * answers with an error.
   */
  receive(message: RpcMessage): void;
  /**
   * Ends the connection. `ended`: the client closed it and will not return; `gone`: it may return
   * with its session ID; `dismissed`: it must not return, but its requests continue.
   */
  close(how: 'ended' | 'gone' | 'dismissed'): void;
}
