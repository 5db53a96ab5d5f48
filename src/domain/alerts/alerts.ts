import { type ServerEvent } from '../events';
import { matchesGlob } from '../../base/glob';
import { isCrashLoop } from '../entity/restart';
import { type Health, type ServerState } from '../states';

/**
 * Kinds of alerts.
 * - `critical`: a server needs a person, or soon will.
 * - `recovery`: the server is well again after that.
 * - `status_change`: any other change of state or health.
 */
export type AlertKind = 'critical' | 'recovery' | 'status_change';

/** Sorted by importance, the most important first. */
export const ALERT_KINDS = [
  'critical',
  'recovery',
  'status_change',
] as const satisfies readonly AlertKind[];

export const DEFAULT_ALERT_KINDS: readonly AlertKind[] = ['critical', 'recovery'];

/** Destination of alerts. Strings may hold `${VAR}` references; the control worker resolves them when it delivers. */
export type AlertChannel =
  | { kind: 'log' }
  | { kind: 'webhook'; url: string; secret?: string }
  | {
      kind: 'command';
      command: string;
      args: string[];
      env: Record<string, string>;
      cwd: string;
      timeoutMs: number;
    };

export interface AlertReceiver {
  name: string;
  on: readonly AlertKind[];
  /** Names, patterns with `*` and `?`, and `tag:<tag>`; empty for all. */
  servers: readonly string[];
  channel: AlertChannel;
  /** Config file that defines it. */
  origin: string;
}

/** Alert as a receiver gets it. */
export interface Alert {
  /** ID of the event; the same for every attempt to deliver it, so that a receiver can drop duplicates. */
  id: string;
  kind: AlertKind;
  server: string;
  tags: string[];
  atMs: number;
  /** Single line of text for people. */
  text: string;
  reason: string;
  from?: ServerState;
  to?: ServerState;
  healthFrom?: Health;
  healthTo?: Health;
  actor: string;
  correlationId?: string;
  generation?: number;
  /** Set for a test of the delivery; nothing has happened. */
  test?: true;
}

/** Input of activity `deliverAlert`. The receiver is looked up when it runs, so that no secret is in Temporal. */
export interface AlertDelivery {
  receiver: string;
  alert: Alert;
}

/** State of a server that follows from its events so far. */
export interface AlertContext {
  state?: ServerState;
  /** Whether its last important event was bad. */
  isInTrouble: boolean;
}

export const NO_CONTEXT: AlertContext = { isInTrouble: false };

/** Returns the context after these events, the oldest first. */
export function contextAfter(events: readonly ServerEvent[], context = NO_CONTEXT): AlertContext {
  return events.reduce((before, event) => {
    const state = event.to ?? before.state;
    if (isCritical(event)) return { state, isInTrouble: true };
    return { state, isInTrouble: before.isInTrouble && !isWell(event, before) };
  }, context);
}

/**
 * Returns the kinds of alert that an event is, the most important first; none for an event without news. Maintenance is
 * silent: its beginning, its end, and changes of health meanwhile.
 */
export function alertKinds(event: ServerEvent, before: AlertContext): AlertKind[] {
  const isSilenced = event.to === 'MAINTENANCE' || isBelowMaintenance(event, before);
  if (isSilenced) return [];
  const kinds: AlertKind[] = [];
  if (isCritical(event)) kinds.push('critical');
  if (before.isInTrouble && isWell(event, before)) kinds.push('recovery');
  if (isChange(event) && event.from !== 'MAINTENANCE') kinds.push('status_change');
  return kinds;
}

/** Returns the alert for a receiver, if these kinds of alert about this server concern it. */
export function alertFor(
  { on, servers }: Pick<AlertReceiver, 'on' | 'servers'>,
  event: ServerEvent,
  kinds: readonly AlertKind[],
  tags: readonly string[],
): Alert | undefined {
  const kind = kinds.find((candidate) => on.includes(candidate));
  if (!kind || !concerns(servers, event.server, tags)) return undefined;
  const { id, server, atMs, reason, from, to, healthFrom, healthTo } = event;
  const { actor, correlationId, generation } = event;
  return {
    id,
    kind,
    server,
    tags: [...tags],
    atMs,
    text: textOf(kind, event),
    reason,
    ...(from && { from }),
    ...(to && { to }),
    ...(healthFrom && { healthFrom }),
    ...(healthTo && { healthTo }),
    actor,
    correlationId,
    generation,
  };
}

/** Creates the alert that `alerts test` sends. */
export function testAlert(receiver: string, id: string, actor: string, atMs: number): Alert {
  const reason = `test alert for receiver "${receiver}"; no action needed`;
  const text = `status_change: ${reason}`;
  return {
    id,
    kind: 'status_change',
    server: 'mainspring',
    tags: [],
    atMs,
    text,
    reason,
    actor,
    test: true,
  };
}

/** Whether patterns (none: all) match this server. */
export function concerns(
  patterns: readonly string[],
  server: string,
  tags: readonly string[],
): boolean {
  if (patterns.length === 0) return true;
  return patterns.some((pattern) =>
    pattern.startsWith('tag:') ? tags.includes(pattern.slice(4)) : matchesGlob(pattern, server),
  );
}

const CRITICAL_STATES: ReadonlySet<ServerState> = new Set(['ERROR', 'QUARANTINED']);

function isCritical({ kind, from, to, healthTo, reason }: ServerEvent): boolean {
  if (kind === 'health') return healthTo === 'UNHEALTHY';
  if (reason.startsWith('UNSCHEDULABLE')) return true;
  if (kind !== 'transition' || !to) return false;
  // In a crash loop whose last child was never ready, BACKOFF follows BACKOFF.
  if (to === 'BACKOFF') return isCrashLoop(reason);
  return CRITICAL_STATES.has(to) && from !== to;
}

/** Whether a server is well: it runs, and whatever covers it, such as a quarantine, has ended. */
function isWell({ kind, to, healthTo }: ServerEvent, { state = 'RUNNING' }: AlertContext): boolean {
  if (kind === 'transition') return to === 'RUNNING';
  return kind === 'health' && healthTo === 'HEALTHY' && state === 'RUNNING';
}

function isChange({ kind, from, to, healthFrom, healthTo }: ServerEvent): boolean {
  if (kind === 'transition') return from !== to;
  return kind === 'health' && healthFrom !== healthTo;
}

function isBelowMaintenance({ kind }: ServerEvent, { state }: AlertContext): boolean {
  return kind !== 'transition' && state === 'MAINTENANCE';
}

/** `critical: files RUNNING → ERROR: it cannot start` */
function textOf(kind: AlertKind, event: ServerEvent): string {
  const { server, from, to, healthFrom, healthTo, reason } = event;
  const [before, now] = event.kind === 'health' ? [healthFrom, healthTo] : [from, to];
  const change = now ? ` ${before && before !== now ? `${before} → ${now}` : now}` : '';
  return `${kind}: ${server}${change}: ${reason.replace(/\s*\n\s*/g, ' / ')}`;
}
