import { type EntityState, isServing, SELF } from './entity';
import { move, moveHealth, note } from './entity-events';
import { approvedAtFirst } from './entity-isolation';
import { isStale } from './entity-owner';
import { afterReplicaExit, liveReplicas, readyReplicas } from './entity-replicas';
import { afterSession } from './restart';
import {
  type SessionBackoff,
  type SessionExited,
  type SessionHealth,
  type SessionMoved,
  type SessionReady,
} from './session';
import { type Owner } from './owner';

export function sessionStarted(entity: EntityState, atMs: number): EntityState {
  const generation = entity.generation + 1;
  const next: EntityState = {
    ...entity,
    generation,
    session: { generation, cancelled: false, startedAtMs: atMs },
    replicas: {},
    owner: undefined,
    ready: undefined,
    restarts: 0,
    error: undefined,
  };
  return move(next, 'STARTING', `starting generation ${generation}`, atMs);
}

export function sessionCancelled(entity: EntityState): EntityState {
  if (!entity.session) return entity;
  return { ...entity, session: { ...entity.session, cancelled: true } };
}

export function sessionReady(entity: EntityState, ready: SessionReady, atMs: number): EntityState {
  if (ready.replica) return replicaReady(entity, ready.replica, ready, atMs);
  if (isStale(entity, ready)) return entity;
  const next: EntityState = {
    ...approvedAtFirst(entity, ready.toolsHash),
    owner: ready,
    ready: { ...ready, atMs },
    restarts: ready.restarts,
    error: undefined,
    health: 'HEALTHY',
    healthReason: 'ready',
  };
  return entity.state === 'STOPPING' ? next : move(next, 'RUNNING', ready.reason, atMs);
}

export function sessionBackoff(
  entity: EntityState,
  backoff: SessionBackoff,
  atMs: number,
): EntityState {
  const when = backoff.delayMs ? `in ${backoff.delayMs} ms` : 'immediately';
  const reason = `${backoff.error.message}; restarting ${when}`;
  if (backoff.replica) return replicaDown(entity, backoff.replica, backoff, reason, atMs);
  if (isStale(entity, backoff) || entity.state === 'STOPPING') return entity;
  const next = {
    ...entity,
    asked: SELF,
    owner: backoff,
    ready: undefined,
    restarts: backoff.restarts,
    error: backoff.error,
  };
  return down(next, 'BACKOFF', reason, atMs);
}

export function sessionMoved(entity: EntityState, moved: SessionMoved, atMs: number): EntityState {
  if (moved.replica) return replicaDown(entity, moved.replica, moved, moved.reason, atMs);
  if (isStale(entity, moved) || entity.state === 'STOPPING') return entity;
  const next = { ...entity, asked: SELF, owner: moved, ready: undefined };
  return down(next, 'RECOVERING', moved.reason, atMs);
}

export function sessionHealth(
  entity: EntityState,
  report: SessionHealth,
  atMs: number,
): EntityState {
  if (report.replica) {
    if (isStale(entity, report)) return entity;
    return note(entity, `replica ${report.replica} is ${report.health}: ${report.reason}`, atMs);
  }
  if (isStale(entity, report) || entity.health === report.health) return entity;
  return moveHealth({ ...entity, asked: SELF }, report.health, report.reason, atMs);
}

/** Records the end of a session: either it was requested, or the restart rules of the domain decide. */
export function sessionExited(
  entity: EntityState,
  exit: SessionExited,
  atMs: number,
  random: number,
): EntityState {
  const { session } = entity;
  if (session?.generation !== exit.generation) return entity;
  if (exit.replica) {
    const next = afterReplicaExit(entity, exit.replica, exit, atMs, random);
    const isLast = liveReplicas(next).length === 0;
    return session.exit && isLast ? ended(next, session.exit, atMs, random) : next;
  }
  if (liveReplicas(entity).length === 0) return ended(entity, exit, atMs, random);
  // They share its generation: the next one begins when all sessions of this one have ended.
  const reason = 'first session ended; the others will follow';
  const next: EntityState = { ...entity, session: { ...session, exit }, ready: undefined };
  return note({ ...next, owner: undefined }, reason, atMs);
}

function ended(
  entity: EntityState,
  exit: SessionExited,
  atMs: number,
  random: number,
): EntityState {
  const { session } = entity;
  if (!session) return entity;
  const next: EntityState = {
    ...entity,
    session: undefined,
    replicas: {},
    owner: undefined,
    ready: undefined,
    restarts: 0,
  };
  if (next.desired === 'stopped') {
    return move(next, 'STOPPED', next.wakes ? 'asleep until the next call' : 'stopped', atMs);
  }
  if (session.cancelled || entity.state === 'STOPPING') {
    return move(next, 'STARTING', 'previous session ended', atMs);
  }
  const { restart } = next.signed.spec;
  const livedMs = atMs - session.startedAtMs;
  // A session that lived longer than its crash loop alone was well for a while: loops count anew.
  const wasWell = livedMs > restart.windowMs + restart.stableAfterMs;
  const decision = afterSession(restart, wasWell ? 0 : next.crashLoops, exit, random);
  switch (decision.action) {
    case 'stop':
      return move({ ...next, desired: 'stopped', asked: SELF }, 'STOPPED', decision.reason, atMs);
    case 'fail': {
      const { quarantine: _over, ...isolation } = next.isolation;
      const { error } = decision;
      const failed = { ...next, isolation, desired: 'stopped' as const, error };
      return move(failed, 'ERROR', error.message, atMs);
    }
    case 'retry': {
      const { crashLoops, error, delayMs, reason } = decision;
      return move(
        { ...next, crashLoops, error, retryAtMs: atMs + delayMs },
        'BACKOFF',
        reason,
        atMs,
      );
    }
  }
}

/** Records that the first session is down; the server stays up while another session is ready. */
function down(
  entity: EntityState,
  to: 'BACKOFF' | 'RECOVERING',
  reason: string,
  atMs: number,
): EntityState {
  const others = readyReplicas(entity).length;
  if (others === 0) return move(entity, to, reason, atMs);
  return note(entity, `${reason} (other sessions still ready: ${others})`, atMs);
}

function replicaReady(
  entity: EntityState,
  number: number,
  ready: SessionReady,
  atMs: number,
): EntityState {
  const replica = entity.replicas[number];
  if (!replica || isStale(entity, ready)) return entity;
  const replicas = {
    ...entity.replicas,
    [number]: { ...replica, owner: ready, ready, failures: 0 },
  };
  const next = note({ ...entity, replicas }, `replica ${number}: ${ready.reason}`, atMs);
  const isOnlyOne =
    !isServing(entity) && (entity.state === 'BACKOFF' || entity.state === 'RECOVERING');
  return isOnlyOne ? move(next, 'RUNNING', `replica ${number} is ready`, atMs) : next;
}

function replicaDown(
  entity: EntityState,
  number: number,
  owner: Owner,
  reason: string,
  atMs: number,
): EntityState {
  const replica = entity.replicas[number];
  if (!replica || isStale(entity, owner)) return entity;
  const replicas = { ...entity.replicas, [number]: { ...replica, owner, ready: undefined } };
  return note({ ...entity, replicas }, `replica ${number}: ${reason}`, atMs);
}
