import { type ServerInterest } from '../../src/domain/hosts/socket-frames';
import { type JsonObject } from '../../src/base/json';

/** What a host tells gateways beside answers; it may be lost. The members are those of `FromHost`. */
export type HostNotification =
  | {
      type: 'notification';
      server: string;
      /** Set when it belongs to that call or request. */
      callId?: string;
      /** `origin.gateway` of that call. */
      gateway?: string;
      method: string;
      params: JsonObject;
    }
  /** The store has the new list. */
  | { type: 'listed'; server: string; kind: 'tools' | 'resources' | 'prompts' }
  /** Everything of this call has been told; its answer is on its way to Temporal. */
  | { type: 'ended'; server: string; callId: string; gateway?: string };

/** One who hears what servers say. */
export interface NotificationSubscription {
  /** All that it wants of servers by name, in place of what it wanted before. Log messages and updates of resources come only then. */
  setInterests(servers: Record<string, ServerInterest>): void;
  close(): void;
}

/** What the servers of a host say without being asked, and who wants to hear it. */
export interface NotificationSource {
  /** Each notice, in order, whoever's it is; a listener must not throw. */
  subscribe(onNotice: (notice: HostNotification) => void): NotificationSubscription;
}

/** The side of those who own servers. */
export interface NotificationHub extends NotificationSource {
  publish(notice: HostNotification): void;
  /** Calls back with all that is wanted of this server together, now if it is anything, and whenever that changes; returns how to end it. */
  followInterest(server: string, onInterest: (interest: ServerInterest) => void): () => void;
}
