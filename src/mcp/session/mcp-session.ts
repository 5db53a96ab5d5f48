import { type Client } from '@modelcontextprotocol/client';
import { type JsonObject } from '../../base/json';
import { type OpenCall } from '../calls/open-call';
import { type Link } from '../wire/link';
import { type ObservedTransport } from '../wire/request-observer';
import { type Liveness } from './liveness';

/** An initialized client, and its way to the wire. */
export interface McpSession {
  readonly client: Client;
  readonly wire: ObservedTransport;
  readonly link: Link;
  readonly liveness: Liveness;
  /** Fires with the reason when the link has ended. */
  readonly gone: AbortSignal;
  /** Calls and requests that are under way. */
  readonly calls: Set<OpenCall>;
  /** The most talkative log level that is wanted of a modern server, which is told with each request. */
  logLevel: string | undefined;
  /** Gets what the server says that belongs to no call. */
  onNotification: (method: string, params: JsonObject) => void;
  /** Gets how many notifications were dropped in a second, because there were too many. */
  onDropped: (count: number) => void;
  /** Gets what is wrong with a message that was not taken, or went wrong over one. */
  onRefused: (why: string) => void;
}
