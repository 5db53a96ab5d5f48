import { randomBytes } from 'node:crypto';
import { type ProcessIdentity } from '../process/process-identity';

const RANDOM_BYTES = 4;

/** Returns a new folder name that identifies its owner, so that the folder has one as soon as it exists. */
export function buildName({ pid, startTime }: ProcessIdentity): string {
  return `${pid}-${startTime ?? ''}-${randomBytes(RANDOM_BYTES).toString('hex')}`;
}

/** Returns the process that created a folder with this name. */
export function ownerOf(name: string): ProcessIdentity | undefined {
  const [, pid, startTime] = /^(\d+)-(\d*)-[0-9a-f]+$/.exec(name) ?? [];
  if (pid === undefined) return undefined;
  return { pid: Number(pid), ...(startTime && { startTime: Number(startTime) }) };
}
