import { type ErrorReport } from './errors';
import { type ServerEvent } from './events';
import { programOfSpec } from './installs';
import { RECENT_TRANSITIONS } from './limits';
import { needsInstall } from './programs';
import { afterSession } from './restart';
import {
  type Owner,
  type SessionBackoff,
  type SessionExited,
  type SessionHealth,
  type SessionMoved,
  type SessionReady,
} from './session';
import { type SignedSpec } from './spec';
import { type Health, mayMove, type ServerState } from './states';

/** Who asks for something, and the id that joins everything that follows from it. */
export interface Asked {
  actor: string;
  correlationId?: string;
}

/** Everything that the entity of a server knows; it is carried over when the workflow continues as new. */
export interface EntityState {
  name: string;
  signed: SignedSpec;
  desired: 'running' | 'stopped';
  state: ServerState;
  reason: string;
  error?: ErrorReport;
  sinceMs: number;
  generation: number;
  /** The session that has not ended yet. */
  session?: { generation: number; cancelled: boolean; startedAtMs: number };
  owner?: Owner;
  ready?: SessionReady & { atMs: number };
  restarts: number;
  health: Health;
  healthReason: string;
  crashLoops: number;
  /** Not before this may the next session start. */
  retryAtMs: number;
  removed: boolean;
  /** The installation that is under way for it. */
  install?: { id: string; signature: string };
  /** How the one before it ended. */
  lastInstall?: { id: string; error?: ErrorReport };
  transitions: ServerEvent[];
  /** Events that are not in the store yet. */
  outbox: ServerEvent[];
  eventCount: number;
  /** First run of this entity: makes event ids unique across remove and add. */
  runId: string;
  asked: Asked;
}

const SELF: Asked = { actor: 'mainspring' };

export function newEntity(
  name: string,
  signed: SignedSpec,
  runId: string,
  atMs: number,
): EntityState {
  return {
    name,
    signed,
    desired: 'stopped',
    state: 'STOPPED',
    reason: 'added',
    sinceMs: atMs,
    generation: 0,
    restarts: 0,
    health: 'UNKNOWN',
    healthReason: 'not running',
    crashLoops: 0,
    retryAtMs: 0,
    removed: false,
    transitions: [],
    outbox: [],
    eventCount: 0,
    runId,
    asked: SELF,
  };
}

/** What the main loop of the entity does next. */
export type Step =
  | { do: 'install' }
  | { do: 'cancel-install' }
  | { do: 'start-session' }
  | { do: 'cancel-session' }
  | { do: 'finish' }
  | { do: 'wait'; untilMs?: number };

/** The one thing that has to happen now for the server to get where it should be. */
export function nextStep(entity: EntityState, nowMs: number): Step {
  const shouldRun = entity.desired === 'running' && !entity.removed;
  if (entity.install && !isInstallWanted(entity, shouldRun)) return { do: 'cancel-install' };
  if (entity.session) {
    const unwanted = !shouldRun || entity.state === 'STOPPING';
    return unwanted && !entity.session.cancelled ? { do: 'cancel-session' } : { do: 'wait' };
  }
  if (entity.removed) return { do: 'finish' };
  if (!shouldRun) return { do: 'wait' };
  if (entity.retryAtMs > nowMs) return { do: 'wait', untilMs: entity.retryAtMs };
  if (!needsInstall(programOfSpec(entity.signed))) return { do: 'start-session' };
  return { do: entity.install ? 'wait' : 'install' };
}

/** A server that is reloaded runs on while the program of its new spec is installed. */
function isInstallWanted({ install, signed }: EntityState, shouldRun: boolean): boolean {
  const isForCurrent = install?.signature === signed.signature;
  return shouldRun && (isForCurrent || !needsInstall(programOfSpec(signed)));
}

export function startAsked(entity: EntityState, asked: Asked, atMs: number): EntityState {
  const next = { ...entity, desired: 'running' as const, crashLoops: 0, retryAtMs: 0, asked };
  return entity.session ? next : move(next, 'STARTING', 'start was asked for', atMs);
}

export function stopAsked(
  entity: EntityState,
  asked: Asked,
  reason: string,
  atMs: number,
): EntityState {
  const next: EntityState = { ...endAgain(entity), desired: 'stopped', asked };
  return move({ ...next, error: undefined }, next.session ? 'STOPPING' : 'STOPPED', reason, atMs);
}

export function removeAsked(entity: EntityState, asked: Asked, atMs: number): EntityState {
  return { ...stopAsked(entity, asked, 'remove was asked for', atMs), removed: true };
}

/** A new generation was asked for: the session that lives is ended first, the next one follows by itself. */
export function replaceAsked(
  entity: EntityState,
  asked: Asked,
  reason: string,
  atMs: number,
): EntityState {
  const next: EntityState = { ...endAgain(entity), desired: 'running', asked };
  return move(next, next.session ? 'STOPPING' : 'STARTING', reason, atMs);
}

/** A session that was told to end is told again: should it be gone, that shows now. */
function endAgain(entity: EntityState): EntityState {
  const session = entity.session && { ...entity.session, cancelled: false };
  return { ...entity, session, crashLoops: 0, retryAtMs: 0 };
}

/** The child is about to be replaced under its living session; calls wait meanwhile. */
export function childReplaceAsked(
  entity: EntityState,
  asked: Asked,
  reason: string,
  atMs: number,
): EntityState {
  return move({ ...entity, asked }, 'STARTING', reason, atMs);
}

export function specLoaded(entity: EntityState, signed: SignedSpec): EntityState {
  return { ...entity, signed };
}

export function sessionStarted(entity: EntityState, atMs: number): EntityState {
  const generation = entity.generation + 1;
  const next: EntityState = {
    ...entity,
    generation,
    session: { generation, cancelled: false, startedAtMs: atMs },
    owner: undefined,
    ready: undefined,
    restarts: 0,
    error: undefined,
  };
  return move(next, 'STARTING', `generation ${generation} starts`, atMs);
}

export function sessionCancelled(entity: EntityState): EntityState {
  if (!entity.session) return entity;
  return { ...entity, session: { ...entity.session, cancelled: true } };
}

export function sessionReady(entity: EntityState, ready: SessionReady, atMs: number): EntityState {
  if (isStale(entity, ready)) return entity;
  const next: EntityState = {
    ...entity,
    owner: ready,
    ready: { ...ready, atMs },
    restarts: ready.restarts,
    error: undefined,
    health: 'HEALTHY',
    healthReason: 'it answers',
  };
  return entity.state === 'STOPPING' ? next : move(next, 'RUNNING', ready.reason, atMs);
}

export function sessionBackoff(
  entity: EntityState,
  backoff: SessionBackoff,
  atMs: number,
): EntityState {
  if (isStale(entity, backoff) || entity.state === 'STOPPING') return entity;
  const next = {
    ...entity,
    asked: SELF,
    owner: backoff,
    ready: undefined,
    restarts: backoff.restarts,
    error: backoff.error,
  };
  const when = backoff.delayMs ? `in ${backoff.delayMs} ms` : 'at once';
  return move(next, 'BACKOFF', `${backoff.error.message}; restart ${when}`, atMs);
}

export function sessionMoved(entity: EntityState, moved: SessionMoved, atMs: number): EntityState {
  if (isStale(entity, moved) || entity.state === 'STOPPING') return entity;
  return move(
    { ...entity, asked: SELF, owner: moved, ready: undefined },
    'RECOVERING',
    moved.reason,
    atMs,
  );
}

export function sessionHealth(entity: EntityState, seen: SessionHealth, atMs: number): EntityState {
  if (isStale(entity, seen) || entity.health === seen.health) return entity;
  const next = { ...entity, asked: SELF, health: seen.health, healthReason: seen.reason };
  return note(next, `health is ${seen.health}: ${seen.reason}`, atMs);
}

/** The session is over: either that was wanted, or the restart rules of the domain decide. */
export function sessionExited(
  entity: EntityState,
  exit: SessionExited,
  atMs: number,
  random: number,
): EntityState {
  if (entity.session?.generation !== exit.generation) return entity;
  const next: EntityState = {
    ...entity,
    session: undefined,
    owner: undefined,
    ready: undefined,
    restarts: 0,
  };
  if (next.desired === 'stopped') return move(next, 'STOPPED', 'stopped', atMs);
  if (entity.session.cancelled || entity.state === 'STOPPING') {
    return move(next, 'STARTING', 'the old session has ended', atMs);
  }
  const { restart } = next.signed.spec;
  const livedMs = atMs - entity.session.startedAtMs;
  // A session that lived longer than its crash loop alone was well for a while: loops count anew.
  const wasWell = livedMs > restart.windowMs + restart.stableAfterMs;
  const decision = afterSession(restart, wasWell ? 0 : next.crashLoops, exit, random);
  switch (decision.action) {
    case 'stop':
      return move({ ...next, desired: 'stopped', asked: SELF }, 'STOPPED', decision.reason, atMs);
    case 'fail': {
      const failed = { ...next, desired: 'stopped' as const, error: decision.error };
      return move(failed, 'ERROR', decision.error.message, atMs);
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

export function noted(
  entity: EntityState,
  asked: Asked,
  reason: string,
  atMs: number,
): EntityState {
  return note({ ...entity, asked }, reason, atMs);
}

function isStale(entity: EntityState, said: Owner): boolean {
  if (entity.session?.generation !== said.generation) return true;
  return entity.owner?.generation === said.generation && said.epoch < entity.owner.epoch;
}

/** Every change of the state goes through here. */
export function move(
  entity: EntityState,
  to: ServerState,
  reason: string,
  atMs: number,
): EntityState {
  const from = entity.state;
  if (from === to && entity.reason === reason) return entity;
  if (!mayMove(from, to)) throw new RangeError(`no transition from ${from} to ${to} (${reason})`);
  const isDown = to !== 'RUNNING';
  const next: EntityState = {
    ...entity,
    state: to,
    reason,
    sinceMs: from === to ? entity.sinceMs : atMs,
    ...(isDown && { health: 'UNKNOWN' as const, healthReason: reason }),
  };
  return emit(next, { kind: 'transition', from, to, reason, atMs });
}

export function note(entity: EntityState, reason: string, atMs: number): EntityState {
  return emit(entity, { kind: 'note', reason, atMs });
}

function emit(
  entity: EntityState,
  what: Pick<ServerEvent, 'kind' | 'from' | 'to' | 'reason' | 'atMs'>,
): EntityState {
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
