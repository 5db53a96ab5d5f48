import { type EventPosition } from './event-id';
import { type RpcMessage } from '../../base/jsonrpc';

/** Connection to a client: a stream of Streamable HTTP, or a transport of its own. */
export interface Channel {
  /**
   * Sends a message; dropped if the client can no longer receive it. With a position, a client can
   * resume after this message.
   */
  send(message: RpcMessage, position?: EventPosition): void;
  /**
   * Ends the channel: the session is over, or another process continues it and the client must
   * reconnect.
   */
  end(how: 'over' | 'elsewhere'): void;
  /** Whether nothing can be sent anymore. */
  readonly closed: { readonly aborted: boolean };
}

/** Channel that a client listens on. */
export interface ListeningChannel extends Channel {
  /** Fires when nothing can be sent anymore. */
  readonly closed: AbortSignal;
}

/** Channel for the answer to a request of Streamable HTTP. */
export interface ReplyChannel extends Channel {
  /** Sends the position from which the client resumes after a break, once Temporal has the call. */
  mark(position: EventPosition): void;
  /** Ends the request; without a response if the client has cancelled it. */
  finish(response: RpcMessage | undefined, position: EventPosition): void;
}

export function isOpen<C extends Channel>(channel: C | undefined): channel is C {
  return channel !== undefined && !channel.closed.aborted;
}
