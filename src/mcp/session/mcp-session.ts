import { type Client } from '@modelcontextprotocol/client';
import { type JsonObject } from '../../base/json';
import { type OpenCall } from '../calls/open-call';
import { type Link } from '../wire/link';
import { type ObservedTransport } from '../wire/request-observer';
import { type Liveness } from './liveness';

/** Initialized client with its transport. */
export interface McpSession {
  readonly client: Client;
  readonly wire: ObservedTransport;
  readonly link: Link;
  readonly liveness: Liveness;
  /** Fires with the reason when the link has ended. */
  readonly gone: AbortSignal;
  /** Calls and requests in progress. */
  readonly calls: Set<OpenCall>;
  /** Most verbose log level that is requested of a modern server; sent with each request. */
  logLevel: string | undefined;
  /** Called with each notification that belongs to no call. */
  onNotification: (method: string, params: JsonObject) => void;
  /** Called with the number of notifications dropped in a second because there were too many. */
  onDropped: (count: number) => void;
  /** Called with the reason for each message that was refused or could not be handled. */
  onRefused: (why: string) => void;
}
