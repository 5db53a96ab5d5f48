const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { build, isBuilt } = require('./build');
const { install, isInstalled } = require('./install');
const { Interrupted, onInterrupt } = require('./interrupt');
const { withLock } = require('./lock');
const { runStep } = require('./step');

const root = path.join(__dirname, '..');

/**
 * Makes this checkout ready to run: dependencies, dist/, a Temporal executable. Says what it does on stderr, and nothing
 * when there is nothing to do. Ctrl-C ends what it started, and the process.
 */
async function prepare() {
  const interrupt = onInterrupt();
  try {
    if (!isInstalled(root) || !isBuilt(root)) await installAndBuild(interrupt.signal);
    await obtainTemporal(interrupt.signal);
    interrupt.signal.throwIfAborted();
  } catch (error) {
    console.error(error instanceof Interrupted ? '\nInterrupted.' : `\n${error.message}`);
    process.exit(error instanceof Interrupted ? error.exitCode : 1);
  } finally {
    interrupt.stop();
  }
}

function installAndBuild(signal) {
  return withLock(path.join(root, '.prepare.lock'), signal, async () => {
    // Asked again: the one that had the lock before may have done it.
    if (!isInstalled(root)) await install(root, signal);
    if (!isBuilt(root)) await build(root, signal);
  });
}

/** In a process of its own, so that a build that is interrupted ends with all compilers. */
async function obtainTemporal(signal) {
  const args = [path.join(__dirname, 'obtain-temporal.js')];
  const onLine = (line) => console.error(line);
  const workFolder = mkdtempSync(path.join(tmpdir(), 'mainspring-go-')); // Go leaves it behind when it is killed
  const env = { ...process.env, GOTMPDIR: workFolder };
  try {
    await runStep(process.execPath, args, { cwd: root, env, signal, onLine });
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

module.exports = { prepare, root };
