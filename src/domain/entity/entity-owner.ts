import { type EntityState } from './entity';
import { type Owner } from './owner';

/** Whether a message comes from an older owner than the newest known one of this session, or from a session that is over. */
export function isStale(entity: EntityState, sender: Owner): boolean {
  const { session, owner, replicas } = entity;
  if (session?.generation !== sender.generation) return true;
  if (sender.replica) {
    const replica = replicas[sender.replica];
    return !replica || (replica.owner !== undefined && sender.epoch < replica.owner.epoch);
  }
  if (session.exit) return true;
  return owner?.generation === sender.generation && sender.epoch < owner.epoch;
}
