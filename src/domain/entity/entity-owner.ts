import { type EntityState } from './entity';
import { type Owner } from './owner';

/** Whether a message comes from an older owner than the newest known one of this session, or from a session that is over. */
export function isStale(entity: EntityState, said: Owner): boolean {
  const { session, owner, replicas } = entity;
  if (session?.generation !== said.generation) return true;
  if (said.replica) {
    const replica = replicas[said.replica];
    return !replica || (replica.owner !== undefined && said.epoch < replica.owner.epoch);
  }
  if (session.exit) return true;
  return owner?.generation === said.generation && said.epoch < owner.epoch;
}
