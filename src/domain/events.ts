import { type Health, type ServerState } from './states';

/** Event of a server, or of the instance itself. The ID is deterministic, so that writing it twice changes nothing. */
export interface ServerEvent {
  id: string;
  /** Empty for an event of the instance itself. */
  server: string;
  atMs: number;
  /** `transition` moved the server from one state to another, `health` changed its health; `note` did neither. */
  kind: 'transition' | 'health' | 'note';
  from?: ServerState;
  to?: ServerState;
  /** Only for events of kind `health`. */
  healthFrom?: Health;
  healthTo?: Health;
  reason: string;
  /** Requesting principal, or `mainspring` for its own decisions. */
  actor: string;
  correlationId?: string;
  generation?: number;
}

/** Event with its position in the store, for following. */
export interface StoredEvent extends ServerEvent {
  position: number;
}
