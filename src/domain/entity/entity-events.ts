import { type RequestOrigin, type EntityState } from './entity';
import { type ServerEvent } from '../events';
import { type Health, mayMove, type ServerState, STATES } from '../states';

/** Maximum of events that wait for a store that cannot be written; an entity carries them along. */
export const MAX_WAITING_EVENTS = 1_000;
/** Transitions that an entity keeps for `status`; older ones are in the event store. */
export const RECENT_TRANSITIONS = 20;

type EventFields = Pick<
  ServerEvent,
  'kind' | 'from' | 'to' | 'healthFrom' | 'healthTo' | 'reason' | 'atMs'
>;

/**
 * Changes the state; every change goes through here. A quarantine or maintenance covers the state beneath it: the
 * change is noted, and shows when the cover ends.
 */
export function move(
  entity: EntityState,
  target: ServerState,
  reason: string,
  atMs: number,
): EntityState {
  const from = entity.state;
  const to = covered(entity, target);
  if (from === to && to !== target) return note(entity, `${target}: ${reason}`, atMs);
  if (from === to && entity.reason === reason) return entity;
  if (!mayMove(from, to)) throw new RangeError(`no transition from ${from} to ${to} (${reason})`);
  const isDown = target !== 'RUNNING';
  const next: EntityState = {
    ...entity,
    state: to,
    reason,
    sinceMs: from === to ? entity.sinceMs : atMs,
    ...(isDown && { health: 'UNKNOWN' as const, healthReason: reason }),
  };
  return emit(next, { kind: 'transition', from, to, reason, atMs });
}

/** Changes the state itself, whatever covers it: for the beginning or end of a cover. */
export function moveTo(
  entity: EntityState,
  to: ServerState,
  reason: string,
  atMs: number,
): EntityState {
  const from = entity.state;
  if (from === to) return { ...note(entity, reason, atMs), reason };
  if (!mayMove(from, to)) throw new RangeError(`no transition from ${from} to ${to} (${reason})`);
  const next = { ...entity, state: to, reason, sinceMs: atMs };
  return emit(next, { kind: 'transition', from, to, reason, atMs });
}

export function moveHealth(
  entity: EntityState,
  health: Health,
  reason: string,
  atMs: number,
): EntityState {
  const next = { ...entity, health, healthReason: reason };
  const what = { healthFrom: entity.health, healthTo: health, reason, atMs };
  return emit(next, { kind: 'health', ...what });
}

export function note(entity: EntityState, reason: string, atMs: number): EntityState {
  return emit(entity, { kind: 'note', reason, atMs });
}

export function noted(
  entity: EntityState,
  origin: RequestOrigin,
  reason: string,
  atMs: number,
): EntityState {
  return note({ ...entity, asked: origin }, reason, atMs);
}

/** Removes the events that are now in the store. */
export function eventsStored(entity: EntityState, stored: readonly ServerEvent[]): EntityState {
  const ids = new Set(stored.map(({ id }) => id));
  return { ...entity, outbox: entity.outbox.filter(({ id }) => !ids.has(id)) };
}

/** Whether more events wait for the store than an entity keeps. */
export function isOutboxFull({ outbox }: EntityState): boolean {
  return outbox.length > MAX_WAITING_EVENTS;
}

/** Drops the older half of the events that wait for a store that cannot be written, and notes it. */
export function withRoomInOutbox(entity: EntityState, atMs: number): EntityState {
  const kept = entity.outbox.slice(-MAX_WAITING_EVENTS / 2);
  const lost = entity.outbox.length - kept.length;
  const reason = `${lost} events before this one were lost: the store could not be written`;
  return note({ ...entity, outbox: kept }, reason, atMs);
}

function covered({ isolation }: EntityState, target: ServerState): ServerState {
  if (!STATES[target].coverable) return target;
  if (isolation.maintenance) return 'MAINTENANCE';
  return isolation.quarantine ? 'QUARANTINED' : target;
}

function emit(entity: EntityState, what: EventFields): EntityState {
  const event: ServerEvent = {
    ...what,
    id: `${entity.runId}/${entity.eventCount}`,
    server: entity.name,
    actor: entity.asked.actor,
    correlationId: entity.asked.correlationId,
    generation: entity.generation,
  };
  return {
    ...entity,
    eventCount: entity.eventCount + 1,
    outbox: [...entity.outbox, event],
    transitions: [...entity.transitions, event].slice(-RECENT_TRANSITIONS),
  };
}
