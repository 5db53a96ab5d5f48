import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { machineName } from '../config';
import { MainspringError } from '../base/errors';
import { tryFileLock } from '../base/file-lock';

export interface ClaimedId {
  id: string;
  release: () => void;
}

/**
 * Makes this process the only one of its id on a data directory, until it ends. Without a wanted id it is the name of
 * the machine, with a number when that is taken.
 *
 * @param folder - where the locks of this kind of process are
 * @param kind - the kind, for the message when the wanted id is taken: `host`
 * @throws MainspringError ALREADY_RUNNING
 */
export async function claimId(
  folder: string,
  kind: string,
  wantedId: string | undefined,
): Promise<ClaimedId> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (let number = 1; ; number++) {
    const id = wantedId ?? (number === 1 ? machineName() : `${machineName()}-${number}`);
    const lock = await tryFileLock(path.join(folder, `${id}.lock`));
    if (lock) return { id, release: () => lock.release() };
    if (wantedId === undefined) continue;
    throw new MainspringError(
      'ALREADY_RUNNING',
      `A ${kind} with the ID "${id}" is already running.`,
      {
        fix: 'List the hosts (mainspring host list), or choose another ID: --host-id <id>.',
      },
    );
  }
}
