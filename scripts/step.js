const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const { setTimeout: sleep } = require('node:timers/promises');

const TICK_MS = 10_000;
const POLL_MS = 20;
/** From the interrupt to the end of what still runs. */
const KILL_AFTER_MS = 2_000;

/** Kills a process group when its stdin ends without a word, as it does however the parent dies. */
const GUARD_SCRIPT = `trap '' INT TERM HUP; read -r word; [ "$word" ] || kill -9 "-$1"`;

/**
 * Runs a program as the leader of a process group, so that it ends with its children on an interrupt, and when this process
 * is killed. Its output goes to `onLine`, or else into the error when it fails.
 */
async function runStep(command, args, { cwd, env = process.env, signal, onLine }) {
  signal.throwIfAborted();
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', onLine ?? ((line) => lines.push(line)));
  }
  const closed = new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${command}: ${cause.message}`, { cause })));
    child.once('close', (code, killedBy) => resolve(killedBy ?? code));
  });
  const guard = child.pid === undefined ? undefined : startGuard(child.pid);
  let timer;
  const stop = () => {
    signalGroup(child.pid, 'SIGINT');
    timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), KILL_AFTER_MS);
  };
  signal.addEventListener('abort', stop);
  const how = await closed.finally(() => {
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
    guard?.stdin.end('done\n');
  });
  if (signal.aborted) await endGroup(child.pid);
  signal.throwIfAborted();
  if (how !== 0) throw new Error(failure(command, args, how, lines));
}

/** Says what is done, every now and then that it still is, and how long it took. */
async function timed(title, work) {
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
  console.error(`${title}…`);
  const ticking = setInterval(() => console.error(`  still running (${seconds()})`), TICK_MS);
  try {
    await work();
  } finally {
    clearInterval(ticking);
  }
  console.error(`  done in ${seconds()}`);
}

function startGuard(pid) {
  return spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'prepare-guard', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

/** The leader may end before those that it started. */
async function endGroup(pid) {
  const deadline = Date.now() + KILL_AFTER_MS;
  while (signalGroup(pid, 0) && Date.now() < deadline) await sleep(POLL_MS);
  signalGroup(pid, 'SIGKILL');
}

/** False when the group has ended by itself. */
function signalGroup(pid, name) {
  try {
    return pid !== undefined && process.kill(-pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
    return false;
  }
}

function failure(command, args, how, lines) {
  const ending = typeof how === 'number' ? `exit code ${how}` : how;
  return [...lines, `Failed (${ending}): ${command} ${args.join(' ')}`].join('\n');
}

module.exports = { runStep, timed };
