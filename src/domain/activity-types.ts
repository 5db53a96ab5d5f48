import { type ServerEvent } from './events';
import { type ReplaceChildInput, type SessionInput, type SessionReady } from './session';
import { type SignedSpec } from './spec';
import { type CallAnswer, type CallInput } from './calls';

/** Activities on the queue of the control worker. */
export interface ControlActivities {
  /** Writes events to the store; writing one again changes nothing. */
  recordEvents(events: ServerEvent[]): Promise<void>;
  /** The spec that the inventory has now, signed; null when the server is not in it any more. */
  loadSpec(name: string): Promise<SignedSpec | null>;
  /** Ends the calls submitted up to `beforeMs` that still wait in the server's queue, as "did not run". */
  endQueuedCalls(input: { name: string; reason: string; beforeMs: number }): Promise<number>;
}

/** Activities on the queue of the hosts. */
export interface HostActivities {
  /** Owns a server for the life of a session; ends only when told to, or when the server fails for good. */
  runServer(input: SessionInput): Promise<void>;
}

/** Activities on a server's own call queue. */
export interface CallActivities {
  callTool(input: CallInput): Promise<CallAnswer>;
}

/** Activities on a server's own control queue, with slots of their own. */
export interface SessionActivities {
  /** Restarts the child with this spec while its queue stays open; answers when it is ready again. */
  replaceChild(input: ReplaceChildInput): Promise<SessionReady>;
}
