import { type ErrorReport } from '../../base/errors';
import { type ServerEvent } from '../events';
import { type Isolation, NO_ISOLATION } from '../isolation/isolation';
import { isUnreachable } from './restart';
import { type SessionExited, type SessionReady } from './session';
import { type ServerSpec } from '../spec';
import { type Health, type ServerState } from '../states';
import { type Owner } from './owner';
import { type SignedSpec } from '../trust/signed-spec';

/** Actor of a request, and the ID that joins everything that follows from it. */
export interface RequestOrigin {
  actor: string;
  correlationId?: string;
}

/** State of a server's entity; it is carried over when the workflow continues as new. */
export interface EntityState {
  name: string;
  signed: SignedSpec;
  desired: 'running' | 'stopped';
  /** Whether the stopped server starts on its next call: it is on-demand, and no command has stopped it. */
  wakes: boolean;
  state: ServerState;
  reason: string;
  error?: ErrorReport;
  sinceMs: number;
  generation: number;
  /** Session that has not ended yet. */
  session?: EntitySession;
  owner?: Owner;
  ready?: SessionReady & { atMs: number };
  /** Other sessions of this generation, by their number from 1 on. */
  replicas: Record<number, Replica>;
  restarts: number;
  health: Health;
  healthReason: string;
  isolation: Isolation;
  crashLoops: number;
  /** Earliest time at which the next session may start. */
  retryAtMs: number;
  removed: boolean;
  /** Installation that is under way for it. */
  install?: { id: string; signature: string };
  /** Result of the installation before it. */
  lastInstall?: { id: string; error?: ErrorReport };
  transitions: ServerEvent[];
  /** Events that are not in the store yet. */
  outbox: ServerEvent[];
  eventCount: number;
  /** First run of this entity: makes event ids unique across remove and add. */
  runId: string;
  asked: RequestOrigin;
}

interface EntitySession {
  generation: number;
  cancelled: boolean;
  startedAtMs: number;
  /** Exit of the session, while its replicas have not ended yet. */
  exit?: SessionExited;
}

/** Session that shares the queue of the first one. */
export interface Replica {
  /** `waiting` starts again at `retryAtMs`. */
  phase: 'live' | 'cancelled' | 'waiting';
  retryAtMs: number;
  /** Exits in a row without having been ready. */
  failures: number;
  owner?: Owner;
  ready?: SessionReady;
}

export const SELF: RequestOrigin = { actor: 'mainspring' };

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
    wakes: startsOnCall(signed.spec),
    state: 'STOPPED',
    reason: 'added',
    sinceMs: atMs,
    generation: 0,
    replicas: {},
    restarts: 0,
    health: 'UNKNOWN',
    healthReason: 'not running',
    isolation: NO_ISOLATION,
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

/** Completes a state that an older version of Mainspring carried over. */
export function carriedEntity(
  carried: Omit<EntityState, 'wakes' | 'replicas' | 'isolation'> & Partial<EntityState>,
): EntityState {
  return { wakes: false, replicas: {}, isolation: NO_ISOLATION, ...carried };
}

/** Whether a server of this spec starts at its first call, unless it is stopped. */
export function startsOnCall({ activation, enabled }: ServerSpec): boolean {
  return activation === 'on-demand' && enabled;
}

/** Whether one of its sessions is ready, even if covered by a quarantine or maintenance. */
export function isServing({ session, ready, replicas, state }: EntityState): boolean {
  const mayServe = state === 'RUNNING' || state === 'QUARANTINED' || state === 'MAINTENANCE';
  const answers = [ready, ...Object.values(replicas).map((replica) => replica.ready)];
  return mayServe && session !== undefined && answers.some((answer) => answer !== undefined);
}

/**
 * Whether the server has reached its desired state, or cannot reach it.
 *
 * @param mayBeAway - whether a server counts as settled that cannot be reached, although it is retried without end
 */
export function hasSettled(entity: EntityState, mayBeAway: boolean): boolean {
  const { state, desired, session } = entity;
  if (state === 'ERROR' || (mayBeAway && isUnreachable(entity))) return true;
  return desired === 'running' ? isServing(entity) : state === 'STOPPED' && !session;
}
