import { type EventPosition } from './event-id';
import { type RpcMessage } from '../../base/jsonrpc';

/** A way to a client: a stream of Streamable HTTP, or a connection of its own. */
export interface Channel {
  /** What cannot be sent any more is dropped. With a position, a client can go on behind this message. */
  send(message: RpcMessage, position?: EventPosition): void;
  /** No more is to come: the session is over, or another process goes on with it and the client is to come back. */
  end(how: 'over' | 'elsewhere'): void;
  /** Fires when nothing can be sent any more. */
  readonly closed: AbortSignal;
}

/** The way that a request of Streamable HTTP is answered. */
export interface ReplyChannel extends Channel {
  /** Tells where the client goes on after a break, once Temporal has the call. */
  mark(position: EventPosition): void;
  /** The request is over; without a response when the client has cancelled it. */
  finish(response: RpcMessage | undefined, position: EventPosition): void;
}

export function isOpen<C extends Channel>(channel: C | undefined): channel is C {
  return channel !== undefined && !channel.closed.aborted;
}
