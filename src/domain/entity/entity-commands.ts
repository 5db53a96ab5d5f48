import { type RequestOrigin, type EntityState, startsOnCall } from './entity';
import { move } from './entity-events';
import { type SignedSpec } from '../trust/signed-spec';

export function startRequested(
  entity: EntityState,
  origin: RequestOrigin,
  atMs: number,
  reason = 'start requested',
): EntityState {
  const next: EntityState = {
    ...entity,
    desired: 'running',
    wakes: false,
    crashLoops: 0,
    retryAtMs: 0,
    asked: origin,
  };
  return entity.session ? next : move(next, 'STARTING', reason, atMs);
}

/** Starts a server that is asleep, for a call that has arrived; changes nothing for any other. */
export function wakeRequested(
  entity: EntityState,
  origin: RequestOrigin,
  atMs: number,
): EntityState {
  const isAsleep = entity.wakes && entity.desired === 'stopped' && !entity.removed;
  return isAsleep ? startRequested(entity, origin, atMs, 'woken by a call') : entity;
}

export function stopRequested(
  entity: EntityState,
  origin: RequestOrigin,
  reason: string,
  atMs: number,
): EntityState {
  const { quarantine: _over, ...isolation } = entity.isolation;
  const next: EntityState = {
    ...cancelAgain(entity),
    desired: 'stopped',
    wakes: false,
    error: undefined,
    isolation,
    asked: origin,
  };
  return move(next, next.session ? 'STOPPING' : 'STOPPED', reason, atMs);
}

/** Stops an on-demand server that has not been called for a while, until the next call. */
export function sleepRequested(entity: EntityState, reason: string, atMs: number): EntityState {
  if (entity.desired === 'stopped' || !startsOnCall(entity.signed.spec)) return entity;
  return { ...move({ ...entity, desired: 'stopped' }, 'STOPPING', reason, atMs), wakes: true };
}

export function removeRequested(
  entity: EntityState,
  origin: RequestOrigin,
  atMs: number,
): EntityState {
  return { ...stopRequested(entity, origin, 'removal requested', atMs), removed: true };
}

/** Requests a new generation: the live session is ended first, the next one follows by itself. */
export function replaceRequested(
  entity: EntityState,
  origin: RequestOrigin,
  reason: string,
  atMs: number,
): EntityState {
  const next: EntityState = {
    ...cancelAgain(entity),
    desired: 'running',
    wakes: false,
    asked: origin,
  };
  return move(next, next.session ? 'STOPPING' : 'STARTING', reason, atMs);
}

/** Records that the child is about to be replaced under its live session; calls wait meanwhile. */
export function childReplaceRequested(
  entity: EntityState,
  origin: RequestOrigin,
  reason: string,
  atMs: number,
): EntityState {
  return move({ ...entity, asked: origin }, 'STARTING', reason, atMs);
}

export function specLoaded(entity: EntityState, signed: SignedSpec): EntityState {
  const isAsleep = entity.wakes && entity.desired === 'stopped';
  return { ...entity, signed, wakes: isAsleep && startsOnCall(signed.spec) };
}

/** Makes a session that was cancelled be cancelled again: if it is gone, that shows now. */
function cancelAgain(entity: EntityState): EntityState {
  const session = entity.session && { ...entity.session, cancelled: false };
  return { ...entity, session, crashLoops: 0, retryAtMs: 0 };
}
