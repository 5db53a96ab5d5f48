import { type RequestOrigin, type EntityState, startsOnCall } from './entity';
import { move } from './entity-events';
import { type SignedSpec } from '../trust/signed-spec';

export function startRequested(
  entity: EntityState,
  asked: RequestOrigin,
  atMs: number,
  reason = 'start requested',
): EntityState {
  const next: EntityState = {
    ...entity,
    desired: 'running',
    wakes: false,
    crashLoops: 0,
    retryAtMs: 0,
    asked,
  };
  return entity.session ? next : move(next, 'STARTING', reason, atMs);
}

/** A call has come for a server that is asleep; for any other nothing changes. */
export function wakeRequested(
  entity: EntityState,
  asked: RequestOrigin,
  atMs: number,
): EntityState {
  const isAsleep = entity.wakes && entity.desired === 'stopped' && !entity.removed;
  return isAsleep ? startRequested(entity, asked, atMs, 'woken by a call') : entity;
}

export function stopRequested(
  entity: EntityState,
  asked: RequestOrigin,
  reason: string,
  atMs: number,
): EntityState {
  const { quarantine: _over, ...isolation } = entity.isolation;
  const next: EntityState = {
    ...endAgain(entity),
    desired: 'stopped',
    wakes: false,
    error: undefined,
    isolation,
    asked,
  };
  return move(next, next.session ? 'STOPPING' : 'STOPPED', reason, atMs);
}

/** Nobody has called an on-demand server for a while: it stops until the next call. */
export function sleepRequested(entity: EntityState, reason: string, atMs: number): EntityState {
  if (entity.desired === 'stopped' || !startsOnCall(entity.signed.spec)) return entity;
  return { ...move({ ...entity, desired: 'stopped' }, 'STOPPING', reason, atMs), wakes: true };
}

export function removeRequested(
  entity: EntityState,
  asked: RequestOrigin,
  atMs: number,
): EntityState {
  return { ...stopRequested(entity, asked, 'removal requested', atMs), removed: true };
}

/** A new generation was asked for: the session that lives is ended first, the next one follows by itself. */
export function replaceRequested(
  entity: EntityState,
  asked: RequestOrigin,
  reason: string,
  atMs: number,
): EntityState {
  const next: EntityState = { ...endAgain(entity), desired: 'running', wakes: false, asked };
  return move(next, next.session ? 'STOPPING' : 'STARTING', reason, atMs);
}

/** The child is about to be replaced under its living session; calls wait meanwhile. */
export function childReplaceRequested(
  entity: EntityState,
  asked: RequestOrigin,
  reason: string,
  atMs: number,
): EntityState {
  return move({ ...entity, asked }, 'STARTING', reason, atMs);
}

export function specLoaded(entity: EntityState, signed: SignedSpec): EntityState {
  const isAsleep = entity.wakes && entity.desired === 'stopped';
  return { ...entity, signed, wakes: isAsleep && startsOnCall(signed.spec) };
}

/** A session that was told to end is told again: should it be gone, that shows now. */
function endAgain(entity: EntityState): EntityState {
  const session = entity.session && { ...entity.session, cancelled: false };
  return { ...entity, session, crashLoops: 0, retryAtMs: 0 };
}
