import { type EntityState, type Replica } from './entity';
import { note } from './entity-events';
import { backoffMs } from './restart';
import { type SessionExited } from './session';

/** Delay before a replica is started again whose predecessor has not quite ended. */
const REPLICA_RETRY_MS = 200;

/** Returns the numbers of the sessions besides the first one that have not ended. */
export function liveReplicas({ replicas }: EntityState): number[] {
  return numbersOf(replicas, ({ phase }) => phase !== 'waiting');
}

/** Returns the numbers of the replicas that are ready. */
export function readyReplicas({ replicas }: EntityState): number[] {
  return numbersOf(replicas, ({ phase, ready }) => phase === 'live' && ready !== undefined);
}

/** Returns the replica to start now, or the time of the next check. */
export function nextReplica(
  { signed, replicas }: EntityState,
  nowMs: number,
): { start: number } | { untilMs?: number } {
  const times: number[] = [];
  for (let number = 1; number < (signed.spec.replicas ?? 1); number++) {
    const replica = replicas[number];
    if (!replica) return { start: number };
    if (replica.phase !== 'waiting') continue;
    if (replica.retryAtMs <= nowMs) return { start: number };
    times.push(replica.retryAtMs);
  }
  return times.length > 0 ? { untilMs: Math.min(...times) } : {};
}

export function replicaStarted(entity: EntityState, number: number): EntityState {
  const failures = entity.replicas[number]?.failures ?? 0;
  const replica: Replica = { phase: 'live', retryAtMs: 0, failures };
  return { ...entity, replicas: { ...entity.replicas, [number]: replica } };
}

/** Delays the start of a replica whose predecessor has not ended. */
export function replicaDelayed(entity: EntityState, number: number, atMs: number): EntityState {
  const failures = entity.replicas[number]?.failures ?? 0;
  const retryAtMs = atMs + REPLICA_RETRY_MS;
  const replica: Replica = { phase: 'waiting', retryAtMs, failures };
  return { ...entity, replicas: { ...entity.replicas, [number]: replica } };
}

/** Marks all live replicas as cancelled. */
export function replicasCancelled(entity: EntityState): EntityState {
  const replicas = Object.entries(entity.replicas).map(([number, replica]) => [
    number,
    replica.phase === 'live' ? { ...replica, phase: 'cancelled' as const } : replica,
  ]);
  return { ...entity, replicas: Object.fromEntries(replicas) as EntityState['replicas'] };
}

/** Schedules the restart of a replica that ended by itself, with growing delays if it is never ready. */
export function afterReplicaExit(
  entity: EntityState,
  number: number,
  exit: SessionExited,
  atMs: number,
  random: number,
): EntityState {
  const replica = entity.replicas[number];
  if (!replica || replica.phase === 'waiting') return entity;
  const failures = replica.failures + 1;
  const delayMs = backoffMs(entity.signed.spec.restart, failures, random);
  const waiting: Replica = { phase: 'waiting', retryAtMs: atMs + delayMs, failures };
  const next = { ...entity, replicas: { ...entity.replicas, [number]: waiting } };
  const why = exit.error?.message ?? exit.kind;
  return note(next, `replica ${number} ended: ${why}`, atMs);
}

function numbersOf(
  replicas: EntityState['replicas'],
  matches: (replica: Replica) => boolean,
): number[] {
  return Object.entries(replicas)
    .filter(([, replica]) => matches(replica))
    .map(([number]) => Number(number));
}
