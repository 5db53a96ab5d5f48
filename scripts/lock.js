const { createHash } = require('node:crypto');
const { linkSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');

const POLL_MS = 200;

/** Does `work` while no other process holds the lock file; a lock whose owner has died is taken over. */
async function withLock(file, signal, work) {
  const mine = JSON.stringify({ pid: process.pid, startedAt: startTimeOf(process.pid) });
  let waitedFor;
  while (!take(file, mine)) {
    signal.throwIfAborted();
    const { pid } = ownerIn(read(file)) ?? {};
    if (pid !== undefined && waitedFor !== pid)
      console.error(`Waiting for process ${pid}, which is preparing this checkout…`);
    waitedFor = pid;
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Whether the lock is ours now. */
function take(file, mine) {
  if (create(file, mine)) return true;
  const found = read(file);
  return found !== undefined && !isAlive(ownerIn(found)) && takeOver(file, found, mine);
}

/**
 * Replaces what a dead owner has left. Whoever does that needs the lock on this one succession, and only then looks whether the
 * dead one still has the lock: nobody else can change it from then on. The lock on the succession becomes the lock itself.
 */
function takeOver(file, left, mine) {
  const succession = `${file}.${createHash('sha256').update(left).digest('hex').slice(0, 16)}`;
  if (!take(succession, mine)) return false;
  if (read(file) !== left) {
    rmSync(succession, { force: true });
    return false;
  }
  renameSync(succession, file);
  return true;
}

/** A link appears with its content, all at once; a file opened for writing is empty for a moment. */
function create(file, content) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function ownerIn(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // nothing of ours
  }
}

function isAlive(owner) {
  if (!owner?.pid) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  return startTimeOf(owner.pid) === owner.startedAt;
}

/** Tells a process from a later one with the same pid; known on Linux only. */
function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

module.exports = { withLock };
