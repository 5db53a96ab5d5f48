import { openUpRecord } from '../../process/group-records';
import { startGuard } from '../../process/guard';
import { ORPHAN_GRACE_S } from '../lifetime';

/** Callbacks for every process of a part: as soon as it exists, and when it has exited. */
interface PartHooks {
  onSpawn: (pid: number) => void;
  onGone: (pid: number) => void;
}

/** Makes sure that no part of an instance outlives its `up`, however that dies and however busy the part is. */
export interface PartOwner {
  /** Hooks of a part that ends at once with `up`: the next one needs its database. */
  temporal: PartHooks;
  /** Hooks of a part that gets some time to end by itself. */
  role(name: string): PartHooks;
  /** Ends whatever is left. */
  close(): Promise<void>;
}

/**
 * Guards the parts: two guards end them when this process dies, and a record on the disk tells the next `up` what to
 * end first, should the guards have died too. That one does not wait for roles that are ending.
 *
 * @throws the error of the disk, when nothing can be written to the data directory
 */
export function ownParts(home: string): PartOwner {
  const record = openUpRecord(home);
  const guards = { temporal: startGuard(), roles: startGuard({ graceS: ORPHAN_GRACE_S }) };
  const hooks = (name: string, guard: keyof typeof guards): PartHooks => ({
    onSpawn(pid) {
      guards[guard].watch(pid);
      record.add(pid, name);
    },
    onGone(pid) {
      guards[guard].release(pid);
      record.remove(pid);
    },
  });
  return {
    temporal: hooks('temporal', 'temporal'),
    role: (name) => hooks(name, 'roles'),
    async close() {
      await Promise.all([guards.temporal.close(), guards.roles.close()]);
      record.close();
    },
  };
}
