import { type ServerInterest } from '../../src/domain/hosts/socket-frames';
import { type JsonObject } from '../../src/base/json';

/** Message from a host to gateways besides answers; it may be lost. The members are those of `FromHost`. */
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
  /** Everything of this call has been sent; its answer is on its way to Temporal. */
  | { type: 'ended'; server: string; callId: string; gateway?: string };

/** Subscription of one listener to the notifications of servers. */
export interface NotificationSubscription {
  /**
   * Sets the interests by server name, replacing the previous ones. Log messages and updates of resources are only sent
   * on interest.
   */
  setInterests(servers: Record<string, ServerInterest>): void;
  close(): void;
}

/** Notifications of the servers of a host, and the interests of those who subscribe to them. */
export interface NotificationSource {
  /** Subscribes to every notification of every server, in order; a listener must not throw. */
  subscribe(onNotice: (notice: HostNotification) => void): NotificationSubscription;
}

/** Notification hub as the owners of servers see it. */
export interface NotificationHub extends NotificationSource {
  publish(notice: HostNotification): void;
  /**
   * Calls back with the combined interest in this server, now if there is any, and whenever it changes; returns a
   * function that ends that.
   */
  followInterest(server: string, onInterest: (interest: ServerInterest) => void): () => void;
}
