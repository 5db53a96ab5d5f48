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

/** What Mainspring keeps outside Temporal. SQLite implements it for one machine; every method is safe across processes. */
export interface Store {
  events: EventLog;
  calls: CallIndex;
  catalogue: ToolCatalogues;
  offers: ServerCatalogues;
  health: HealthResults;
  results: ResultStore;
  locks: LockStore;
  grants: GrantStore;
  gatewaySessions: GatewaySessions;
  gatewayTasks: GatewayTasks;
  close(): Promise<void>;
}

export interface EventLog {
  /** By id: an event that is already there is left as it is. */
  append(events: readonly ServerEvent[]): Promise<void>;
  /** Oldest first: those behind `after`, or the newest `limit` without it. */
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
  /** Adds or replaces by call id; a finished record is never replaced by an unfinished one. */
  put(records: readonly CallRecord[]): Promise<void>;
  get(callId: string): Promise<CallRecord | undefined>;
  /** Newest first. */
  list(query: { server?: string; limit: number }): Promise<CallRecord[]>;
  /** Figures of the calls that ended since then, of one server (also when there are none) or of each that has calls. */
  stats(query: { server?: string; sinceMs: number }): Promise<CallStats[]>;
  /** Removes what was submitted longer ago than this; returns how many. */
  removeOlderThan(ageMs: number): Promise<number>;
}

export interface ToolCatalogues {
  /** Keeps the newest few of each server, and the one with `approvedHash`, which later ones are compared with. */
  put(catalogue: ToolCatalogue, approvedHash?: string): Promise<void>;
  get(server: string, toolsHash: string): Promise<ToolCatalogue | undefined>;
  latest(server: string): Promise<ToolCatalogue | undefined>;
  /** Which catalogue of each server is the newest. */
  heads(): Promise<CatalogueHead[]>;
  remove(server: string): Promise<void>;
}

type CatalogueHead = Pick<ToolCatalogue, 'server' | 'toolsHash' | 'listedAtMs'>;

/** What servers offer beside tools: the newest of each. */
export interface ServerCatalogues {
  put(offer: ServerCatalogue): Promise<void>;
  get(server: string): Promise<ServerCatalogue | undefined>;
  /** Of all servers, by name. */
  list(): Promise<ServerCatalogue[]>;
  /** Which offer of each server there is. */
  heads(): Promise<ServerCatalogueHead[]>;
  remove(server: string): Promise<void>;
}

type ServerCatalogueHead = Pick<ServerCatalogue, 'server' | 'offerHash'>;

export interface HealthResults {
  /** Keeps the newest `RESULTS_PER_SERVER` of each server. */
  add(results: readonly HealthResult[]): Promise<void>;
  /** Newest first. */
  list(server: string, limit: number): Promise<HealthResult[]>;
  remove(server: string): Promise<void>;
}

/** Results that are too large for a Temporal payload (claim check). */
export interface ResultStore {
  put(ref: string, result: JsonObject): Promise<void>;
  get(ref: string): Promise<JsonObject | undefined>;
  /** Removes what was written longer ago than this; returns how many. */
  removeOlderThan(ageMs: number): Promise<number>;
}

/** Lock files of installed programs, so that every host installs the same. */
export interface LockStore {
  /** `digest` is the sha256 of the text; the same one again changes nothing. */
  put(digest: string, text: string): Promise<void>;
  get(digest: string): Promise<string | undefined>;
}

/** Sessions of legacy clients: they outlive the gateway process that opened them. */
export interface GatewaySessions {
  add(session: GatewaySession): Promise<void>;
  get(id: string): Promise<GatewaySession | undefined>;
  /** Replaces what is stored; one that was removed stays so. */
  update(session: GatewaySession): Promise<void>;
  touch(ids: readonly string[], atMs: number): Promise<void>;
  remove(id: string): Promise<void>;
  /** Ids of those of this principal that were not used for longest, first the oldest. */
  oldest(principal: string, limit: number): Promise<string[]>;
  /** Of one principal, or all. */
  count(principal?: string): Promise<number>;
  /** Returns how many. */
  removeUnseenSince(atMs: number): Promise<number>;
}

/** Tool calls that clients follow as tasks. */
export interface GatewayTasks {
  /** One that is there already stays as it is. */
  add(task: GatewayTask): Promise<void>;
  get(taskId: string): Promise<GatewayTask | undefined>;
  /** Oldest first: those behind `after` that have not expired. */
  list(query: GatewayTaskQuery): Promise<GatewayTask[]>;
  /** Remembers when a client first asked to cancel it. */
  cancelled(taskId: string, atMs: number): Promise<void>;
  /** Returns how many. */
  removeExpired(nowMs: number): Promise<number>;
}

interface GatewayTaskQuery {
  principal: string;
  scope: string;
  nowMs: number;
  /** The last one seen. */
  after?: { createdAtMs: number; taskId: string };
  limit: number;
}

/** What authorization servers have given, sealed. */
export interface GrantStore {
  get(key: GrantKey): Promise<SealedGrant | undefined>;
  /** Puts a grant in the place of the one of version `replaced` (0: there is none); false when another was faster. */
  put(grant: SealedGrant, replaced: number): Promise<boolean>;
  /** Forgets it; false when there is none. */
  remove(key: GrantKey): Promise<boolean>;
  /** Forgets all grants of a server. */
  removeAll(server: string): Promise<void>;
}

export interface SealedGrant extends GrantKey {
  version: number;
  sealed: string;
}
