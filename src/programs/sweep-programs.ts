import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readlink, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../base/durable-file';
import { isAlive } from '../process/process-identity';
import { ownerOf } from './build-name';
import { buildsFolder, MANIFEST_FILE, programKeys } from './program-store';

/** Time that a replaced program is kept: a process that has read the old link may not have started it yet. */
const REPLACED_GRACE_MS = 60_000;

/**
 * Removes incomplete builds of dead processes, and replaced programs that no process runs from. A build that cannot be
 * removed stays, and does not block the others.
 */
export async function sweepPrograms(root: string): Promise<void> {
  const names = await readdir(buildsFolder(root)).catch(ifMissing([]));
  if (names.length === 0) return;
  // Before the links are read, so that a build that its owner publishes meanwhile does not count as left over.
  const leftOver = names.filter((name) => {
    const owner = ownerOf(name);
    return owner === undefined || !isAlive(owner);
  });
  const linked = await linkedBuilds(root);
  for (const name of leftOver) {
    const build = path.join(buildsFolder(root), name);
    if (linked.has(name) || (await mayBeUsed(build).catch(() => true))) continue;
    await rm(build, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined); // the next sweep tries again
  }
}

async function linkedBuilds(root: string): Promise<Set<string>> {
  const targets = (await programKeys(root)).map(async (key) =>
    path.basename(await readlink(path.join(root, key))),
  );
  return new Set(await Promise.all(targets));
}

/** Whether a process may run from the build; an incomplete one was never used. */
async function mayBeUsed(build: string): Promise<boolean> {
  const isComplete = await stat(path.join(build, MANIFEST_FILE)).then(() => true, ifMissing(false));
  if (!isComplete) return false;
  const { mtimeMs } = await stat(build);
  return Date.now() - mtimeMs < REPLACED_GRACE_MS || isRunning(build);
}

/** Whether the command line of any process names a path in this folder; true when unknown. */
function isRunning(folder: string): boolean {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.some((pid) => commandLineOf(pid).includes(folder));
  } catch {
    return true; // no /proc
  }
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // the process has ended
  }
}

function ifMissing<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (hasCode(error, 'ENOENT')) return value;
    throw error;
  };
}
