import { type Health, type ServerState } from './states';

/** One thing that happened to a server, or to the instance itself. The id is deterministic, so that writing it twice changes nothing. */
export interface ServerEvent {
  id: string;
  /** Empty when it happened to the instance itself. */
  server: string;
  atMs: number;
  /** `transition` moved the server from one state to another, `health` changed its health; `note` did neither. */
  kind: 'transition' | 'health' | 'note';
  from?: ServerState;
  to?: ServerState;
  /** Of an event of kind `health`. */
  healthFrom?: Health;
  healthTo?: Health;
  reason: string;
  /** Who asked: a principal, or `mainspring` for its own decisions. */
  actor: string;
  correlationId?: string;
  generation?: number;
}

/** An event with its place in the store, for following. */
export interface StoredEvent extends ServerEvent {
  position: number;
}
