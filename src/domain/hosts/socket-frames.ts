import { type CallAnswer, type CallInput, type CallFailureDetails } from '../calls/calls';
import { type ErrorReport } from '../../base/errors';
import { type JsonObject } from '../../base/json';

/**
 * Frames on the Unix socket of a host (mode 0600, in the data directory), one JSON document per line. It carries what may be
 * lost: notifications of servers, and direct calls, for which that is said. Everything else goes through Temporal.
 */
export type ToHost =
  /** From now on notices are heard, and what belongs to calls of this gateway (`origin.gateway`) comes here. */
  | { type: 'hello'; gateway?: string }
  /** All that this client wants to hear of servers, in place of what it said before. */
  | { type: 'interest'; servers: Record<string, ServerInterest> }
  /** A direct call: runs at once or not at all, and at most once. */
  | { type: 'call'; id: number; input: CallInput }
  | { type: 'cancel'; id: number };

export interface ServerInterest {
  /** URIs whose updates are wanted. */
  resources: string[];
  /** The most talkative MCP log level that is wanted. */
  logLevel?: string;
}

export type FromHost =
  /** Of a server: with `callId` it belongs to that call (progress, log messages), else to everybody. */
  | { type: 'notification'; server: string; callId?: string; method: string; params: JsonObject }
  /** Everything of this call has been sent: its answer is on its way to Temporal. */
  | { type: 'ended'; callId: string }
  /** What a server lists has changed in the store. */
  | { type: 'listed'; server: string; kind: 'tools' | 'resources' | 'prompts' }
  | { type: 'answer'; id: number; answer: CallAnswer }
  /** The call did not run (`failed`), or nobody knows (`unknown`). */
  | { type: 'failure'; id: number; error: ErrorReport; details: CallFailureDetails }
  /** This host does not serve it: take the durable way. */
  | { type: 'elsewhere'; id: number }
  /** The last frame: this host ends, and has taken no call after this id. */
  | { type: 'bye'; lastId: number };
