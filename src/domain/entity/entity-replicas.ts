import { type EntityState, type Replica } from './entity';
import { note } from './entity-events';
import { backoffMs } from './restart';
import { type SessionExited } from './session';

/** A replica whose predecessor is not quite over waits for it so long. */
const REPLICA_RETRY_MS = 200;

/** Numbers of the sessions beside the first one that have not ended. */
export function liveReplicas({ replicas }: EntityState): number[] {
  return numbersOf(replicas, ({ phase }) => phase !== 'waiting');
}

/** Numbers of those that answer. */
export function readyReplicas({ replicas }: EntityState): number[] {
  return numbersOf(replicas, ({ phase, ready }) => phase === 'live' && ready !== undefined);
}

/** Which one is to be started now, or when to look again. */
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

/** Its predecessor is still in the way. */
export function replicaDelayed(entity: EntityState, number: number, atMs: number): EntityState {
  const failures = entity.replicas[number]?.failures ?? 0;
  const retryAtMs = atMs + REPLICA_RETRY_MS;
  const replica: Replica = { phase: 'waiting', retryAtMs, failures };
  return { ...entity, replicas: { ...entity.replicas, [number]: replica } };
}

/** All of them were told to end. */
export function replicasCancelled(entity: EntityState): EntityState {
  const replicas = Object.entries(entity.replicas).map(([number, replica]) => [
    number,
    replica.phase === 'live' ? { ...replica, phase: 'cancelled' as const } : replica,
  ]);
  return { ...entity, replicas: Object.fromEntries(replicas) as EntityState['replicas'] };
}

/** One that has ended by itself is started again, ever later if it never answers. */
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
  wanted: (replica: Replica) => boolean,
): number[] {
  return Object.entries(replicas)
    .filter(([, replica]) => wanted(replica))
    .map(([number]) => Number(number));
}
