import { randomBytes } from 'node:crypto';
import { type ProcessIdentity } from '../process/process-identity';

const RANDOM_BYTES = 4;

/** A new folder name that says whose it is: so it has an owner from the moment on that it is there. */
export function buildName({ pid, startTime }: ProcessIdentity): string {
  return `${pid}-${startTime ?? ''}-${randomBytes(RANDOM_BYTES).toString('hex')}`;
}

/** The process that made a folder of this name. */
export function ownerOf(name: string): ProcessIdentity | undefined {
  const [, pid, startTime] = /^(\d+)-(\d*)-[0-9a-f]+$/.exec(name) ?? [];
  if (pid === undefined) return undefined;
  return { pid: Number(pid), ...(startTime && { startTime: Number(startTime) }) };
}
