import { type Generated } from 'kysely';
import { type CallPath, type CallRecord } from '../domain/calls/calls';
import { type ErrorClass } from '../domain/calls/error-class';
import { type ServerEvent } from '../domain/events';
import { type Health, type ServerState } from '../domain/states';

/** The tables as Kysely sees them; `migrations.ts` creates them. */
export interface Tables {
  events: EventRow;
  calls: CallRow;
  catalogues: CatalogueRow;
  locks: LockRow;
  health_results: HealthResultRow;
  offers: OfferRow;
  grants: GrantRow;
  gateway_sessions: GatewaySessionRow;
  gateway_tasks: GatewayTaskRow;
}

export interface EventRow {
  position: Generated<number>;
  id: string;
  server: string;
  at_ms: number;
  kind: ServerEvent['kind'];
  from_state: ServerState | null;
  to_state: ServerState | null;
  reason: string;
  actor: string;
  correlation_id: string | null;
  generation: number | null;
  health_from: Health | null;
  health_to: Health | null;
}

export interface CallRow {
  call_id: string;
  server: string;
  tool: string;
  principal: string;
  correlation_id: string;
  status: CallRecord['status'];
  submitted_at_ms: number;
  ended_at_ms: number | null;
  queued_ms: number | null;
  ran_ms: number | null;
  host: string | null;
  generation: number | null;
  epoch: number | null;
  /** ErrorReport as JSON. */
  error: string | null;
  error_class: ErrorClass | null;
  attempts: number | null;
  retried_ms: number | null;
  /** Null means `durable`. */
  path: CallPath | null;
  /** 1 when its result was not in the cache. */
  cache_miss: number | null;
}

export interface CatalogueRow {
  server: string;
  tools_hash: string;
  /** ToolDefinition[] as JSON. */
  tools: string;
  listed_at_ms: number;
  /** UncheckedTool[] as JSON; null when it was not determined. */
  unchecked: string | null;
  /** ListFlaw[] as JSON; null when there are none, or it was not determined. */
  flaws: string | null;
}

interface LockRow {
  /** sha256 of the text, in hex. */
  digest: string;
  text: string;
  stored_at_ms: number;
}

interface OfferRow {
  server: string;
  offer_hash: string;
  /** ServerCatalogue as JSON. */
  offer: string;
  listed_at_ms: number;
}

export interface HealthResultRow {
  position: Generated<number>;
  server: string;
  at_ms: number;
  /** HealthResult as JSON. */
  result: string;
}

export interface GatewaySessionRow {
  id: string;
  principal: string;
  scope: string;
  protocol_version: string;
  /** JSON, as are `capabilities` and `subscriptions`. */
  client_info: string;
  capabilities: string;
  log_level: string | null;
  subscriptions: string;
  created_at_ms: number;
  seen_at_ms: number;
}

export interface GatewayTaskRow {
  task_id: string;
  principal: string;
  scope: string;
  server: string;
  tool: string;
  created_at_ms: number;
  expires_at_ms: number;
  cancelled_at_ms: number | null;
}

interface GrantRow {
  server: string;
  principal: string;
  version: number;
  /** Tokens and their metadata; only a holder of the data directory's key can open them. */
  sealed: string;
}
