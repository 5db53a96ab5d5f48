const { readdirSync, readFileSync, readlinkSync, rmSync } = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const POLL_MS = 100;
/** Time for processes that are already on their way out. */
const GRACE_MS = 5_000;

/**
 * Kills what still runs with `folder` as its folder for temporary files, removes the folder, and returns a line for each
 * process and file that should not have been there.
 */
async function removeLeftovers(folder, { isExpected = false, graceMs = GRACE_MS } = {}) {
  const deadline = Date.now() + (isExpected ? 0 : graceMs);
  let processes = processesOf(folder);
  while (processes.length > 0 && Date.now() < deadline) {
    await sleep(POLL_MS);
    processes = processesOf(folder);
  }
  // More than once: what is killed may start something else before it dies.
  for (let rest = processes; rest.length > 0; rest = processesOf(folder)) {
    for (const { pid } of rest) kill(pid);
    await sleep(POLL_MS);
  }
  const files = readdirSync(folder).map((name) => path.join(folder, name));
  rmSync(folder, { recursive: true, force: true });
  return [...processes.map(({ pid, command }) => `process ${pid}: ${command}`), ...files];
}

/** Processes that inherited `folder` as TMPDIR, work in it or name it. Needs /proc: finds none elsewhere. */
function processesOf(folder) {
  return pids().flatMap((pid) => {
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    const isOurs =
      read(`/proc/${pid}/environ`).split('\0').includes(`TMPDIR=${folder}`) ||
      command.includes(`${folder}/`) ||
      `${link(`/proc/${pid}/cwd`)}/`.startsWith(`${folder}/`);
    return isOurs && pid !== process.pid ? [{ pid, command }] : [];
  });
}

function pids() {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended meanwhile, and for those of other users. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function link(file) {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

module.exports = { removeLeftovers };
