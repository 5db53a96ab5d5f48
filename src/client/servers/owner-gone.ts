import { type Owner } from '../../domain/entity/owner';
import { isAlive, type ProcessIdentity } from '../../process/process-identity';
import { recordedHost } from '../../process/sweep';

/** Processes that records of hosts have named, by data directory and host: each call looks at its owner. */
const known = new Map<string, ProcessIdentity>();

/**
 * Whether the owner is gone: a host has a record in the data directory as long as it lives; one of another machine has
 * none here. Nobody else takes the ID of a host that lives, so its record is not read again.
 */
export function isOwnerGone(
  home: string,
  { host, hostPid }: Pick<Owner, 'host' | 'hostPid'>,
): boolean {
  const key = `${home}\0${host}`;
  const before = known.get(key);
  if (before?.pid === hostPid && isAlive(before)) return false;
  const recorded = recordedHost(home, host);
  if (!recorded) return false;
  known.set(key, recorded);
  return recorded.pid !== hostPid || !isAlive(recorded);
}
