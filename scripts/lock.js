const { linkSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');

const POLL_MS = 200;

/** Does `work` while no other process holds the lock file; a lock whose owner has died is taken over. */
async function withLock(file, signal, work) {
  const mine = JSON.stringify({ pid: process.pid, startedAt: startTimeOf(process.pid) });
  let waitedFor;
  while (!create(file, mine)) {
    signal.throwIfAborted();
    const owner = read(file);
    if (!isAlive(owner)) removeStale(file);
    else {
      if (waitedFor !== owner.pid)
        console.error(`Waiting for process ${owner.pid}, which prepares this checkout …`);
      waitedFor = owner.pid;
      await sleep(POLL_MS);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
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

/** Moved away first: of two that find the same stale lock, one gets it; who got a living one puts it back. */
function removeStale(file) {
  const moved = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, moved);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (isAlive(read(moved))) create(file, readFileSync(moved, 'utf8'));
  rmSync(moved, { force: true });
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isAlive(owner) {
  if (!owner) return false;
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
