import { type CallStats } from '../domain/calls/call-stats';
import { type CallRecord } from '../domain/calls/calls';
import { type ServerEvent, type StoredEvent } from '../domain/events';
import { type GatewaySession } from '../domain/endpoint/gateway-session';
import { type GatewayTask } from '../domain/endpoint/gateway-task';
import { type HealthResult } from '../domain/health/health';
import { type GrantKey } from '../domain/oauth/oauth';
import { type ServerCatalogue } from '../domain/catalogue/server-catalogue';
import { type ToolCatalogue } from '../domain/catalogue/tools';
import { type JsonObject } from '../base/json';

/** Data that Mainspring keeps outside Temporal. SQLite implements it for one machine; every method is safe across processes. */
export interface Store {
  events: EventLog;
  calls: CallIndex;
  catalogue: ToolCatalogueStore;
  offers: ServerCatalogueStore;
  health: HealthResultStore;
  results: ResultStore;
  locks: LockStore;
  grants: GrantStore;
  gatewaySessions: GatewaySessionStore;
  gatewayTasks: GatewayTaskStore;
  close(): Promise<void>;
}

export interface EventLog {
  /** Adds events by ID: an event that is already stored stays as it is. */
  append(events: readonly ServerEvent[]): Promise<void>;
  /** Returns events, oldest first: those after `after`, or the newest `limit` without it. */
  list(query: EventQuery): Promise<StoredEvent[]>;
  /** Removes the events of one server, or all; returns how many. */
  clear(server?: string): Promise<number>;
}

interface EventQuery {
  server?: string;
  /** Position of the last event seen. */
  after?: number;
  limit: number;
}

export interface CallIndex {
  /** Adds or replaces by call ID; a finished record is never replaced by an unfinished one. */
  put(records: readonly CallRecord[]): Promise<void>;
  get(callId: string): Promise<CallRecord | undefined>;
  /** Returns calls, newest first. */
  list(query: { server?: string; limit: number }): Promise<CallRecord[]>;
  /** Returns figures of the calls that ended since then, of one server (also when there are none) or of each that has calls. */
  stats(query: { server?: string; sinceMs: number }): Promise<CallStats[]>;
  /** Removes calls that were submitted longer ago than this; returns how many. */
  removeOlderThan(ageMs: number): Promise<number>;
}

export interface ToolCatalogueStore {
  /**
   * Stores a catalogue. It keeps the newest few of each server, and the one with `approvedHash`, which later ones are
   * compared with.
   */
  put(catalogue: ToolCatalogue, approvedHash?: string): Promise<void>;
  get(server: string, toolsHash: string): Promise<ToolCatalogue | undefined>;
  latest(server: string): Promise<ToolCatalogue | undefined>;
  /** Returns the newest catalogue of each server, without its tools. */
  heads(): Promise<CatalogueHead[]>;
  remove(server: string): Promise<void>;
}

type CatalogueHead = Pick<ToolCatalogue, 'server' | 'toolsHash' | 'listedAtMs'>;

/** Lists of servers other than tools: the newest of each server. */
export interface ServerCatalogueStore {
  put(offer: ServerCatalogue): Promise<void>;
  get(server: string): Promise<ServerCatalogue | undefined>;
  /** Returns those of all servers, sorted by name. */
  list(): Promise<ServerCatalogue[]>;
  /** Returns the hash of each server's lists. */
  heads(): Promise<ServerCatalogueHead[]>;
  remove(server: string): Promise<void>;
}

type ServerCatalogueHead = Pick<ServerCatalogue, 'server' | 'offerHash'>;

export interface HealthResultStore {
  /** Adds results, and keeps the newest `RESULTS_PER_SERVER` of each server. */
  add(results: readonly HealthResult[]): Promise<void>;
  /** Returns results, newest first. */
  list(server: string, limit: number): Promise<HealthResult[]>;
  remove(server: string): Promise<void>;
}

/** Results that are too large for a Temporal payload (claim check). */
export interface ResultStore {
  put(ref: string, result: JsonObject): Promise<void>;
  get(ref: string): Promise<JsonObject | undefined>;
  /** Removes results that were written longer ago than this; returns how many. */
  removeOlderThan(ageMs: number): Promise<number>;
}

/** Lock files of installed programs, so that every host installs the same. */
export interface LockStore {
  /** Stores a text under its sha256 `digest`; storing the same again changes nothing. */
  put(digest: string, text: string): Promise<void>;
  get(digest: string): Promise<string | undefined>;
}

/** Sessions of legacy clients: they outlive the gateway process that opened them. */
export interface GatewaySessionStore {
  add(session: GatewaySession): Promise<void>;
  get(id: string): Promise<GatewaySession | undefined>;
  /** Replaces the stored session; one that was removed stays removed. */
  update(session: GatewaySession): Promise<void>;
  touch(ids: readonly string[], atMs: number): Promise<void>;
  remove(id: string): Promise<void>;
  /** Returns the IDs of this principal's sessions that were not used for longest, oldest first. */
  oldest(principal: string, limit: number): Promise<string[]>;
  /** Counts the sessions of one principal, or all. */
  count(principal?: string): Promise<number>;
  /** Removes sessions that were not used since then; returns how many. */
  removeUnseenSince(atMs: number): Promise<number>;
}

/** Tool calls that clients follow as tasks. */
export interface GatewayTaskStore {
  /** Adds a task; one that already exists stays as it is. */
  add(task: GatewayTask): Promise<void>;
  get(taskId: string): Promise<GatewayTask | undefined>;
  /** Returns tasks that have not expired, oldest first: those after `after`. */
  list(query: GatewayTaskQuery): Promise<GatewayTask[]>;
  /** Records when a client first requested to cancel it. */
  cancelled(taskId: string, atMs: number): Promise<void>;
  /** Removes expired tasks; returns how many. */
  removeExpired(nowMs: number): Promise<number>;
}

interface GatewayTaskQuery {
  principal: string;
  scope: string;
  nowMs: number;
  /** Last task that was seen. */
  after?: { createdAtMs: number; taskId: string };
  limit: number;
}

/** Grants of authorization servers, sealed. */
export interface GrantStore {
  get(key: GrantKey): Promise<SealedGrant | undefined>;
  /** Replaces the grant of version `replaced` (0: there is none); false when another process was faster. */
  put(grant: SealedGrant, replaced: number): Promise<boolean>;
  /** Removes a grant; false when there is none. */
  remove(key: GrantKey): Promise<boolean>;
  /** Removes all grants of a server. */
  removeAll(server: string): Promise<void>;
}

export interface SealedGrant extends GrantKey {
  version: number;
  sealed: string;
}
