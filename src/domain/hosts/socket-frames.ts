import { type CallAnswer, type CallInput, type CallFailureDetails } from '../calls/calls';
import { type ErrorReport } from '../../base/errors';
import { type JsonObject } from '../../base/json';

/**
 * Frames on the Unix socket of a host (mode 0600, in the data directory), one JSON document per line. The socket
 * carries what may be lost: notifications of servers, and direct calls, which allow for that. Everything else goes
 * through Temporal.
 */
export type ToHost =
  /** Subscribes to notifications, and directs messages of this gateway's calls (`origin.gateway`) here. */
  | { type: 'hello'; gateway?: string }
  /** Replaces the previous interest of this client in servers. */
  | { type: 'interest'; servers: Record<string, ServerInterest> }
  /** Makes a direct call: it runs immediately or not at all, and at most once. */
  | { type: 'call'; id: number; input: CallInput }
  | { type: 'cancel'; id: number }
  /** Asks for the end of a durable call that is about to be submitted. */
  | { type: 'await'; server: string; callId: string };

export interface ServerInterest {
  /** URIs whose updates are requested. */
  resources: string[];
  /** Most verbose MCP log level that is requested. */
  logLevel?: string;
}

export type FromHost =
  /** Notification of a server: with `callId` it belongs to that call (progress, log messages), else to all clients. */
  | { type: 'notification'; server: string; callId?: string; method: string; params: JsonObject }
  /** Marks the end of the messages of this call: its answer is on its way to Temporal. */
  | { type: 'ended'; callId: string }
  /** Reports the answer of a call that Temporal has by now; without one, Temporal has to be asked. */
  | { type: 'known'; callId: string; answer?: CallAnswer }
  /** Reports that a list of a server has changed in the store. */
  | { type: 'listed'; server: string; kind: 'tools' | 'resources' | 'prompts' }
  | { type: 'answer'; id: number; answer: CallAnswer }
  /** Reports that the call did not run (`failed`), or that it is unknown (`unknown`). */
  | { type: 'failure'; id: number; error: ErrorReport; details: CallFailureDetails }
  /** Reports that this host does not serve it: use the durable path. */
  | { type: 'elsewhere'; id: number }
  /** Ends the connection: this host stops, and has taken no call after this ID. */
  | { type: 'bye'; lastId: number };
