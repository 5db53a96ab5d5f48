import path from 'node:path';
import { machineName } from '../config';
import { MainspringError } from '../domain/errors';
import { hostsFolder } from '../process/group-records';
import { lockFile } from './process-lock';

export interface HostId {
  id: string;
  release: () => Promise<void>;
}

/**
 * Makes this process the only host of its id on a data directory: two of one id would take each other's children for orphans.
 * Without a wish it is the name of the machine, or that with a number when it is taken.
 */
export async function claimHostId(home: string, wish: string | undefined): Promise<HostId> {
  for (let number = 1; ; number++) {
    const id = wish ?? (number === 1 ? machineName() : `${machineName()}-${number}`);
    const lock = await lockFile(path.join(hostsFolder(home), `${id}.lock`));
    if ('release' in lock) return { id, release: () => lock.release() };
    if (wish === undefined) continue;
    throw new MainspringError(
      'ALREADY_RUNNING',
      `A host with the id "${id}" runs already (pid ${lock.heldBy.pid}).`,
      { fix: 'Give this one another id: --host-id <id>.' },
    );
  }
}
