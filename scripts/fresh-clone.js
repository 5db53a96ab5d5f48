// `npm run test:fresh-clone [-- --cold]`: what a new user does. Clones this repository, runs `npm start` there until both
// servers run, calls one, interrupts it, and checks that nothing is left. With --cold no cache is there either: minutes.
const { execFileSync, spawn } = require('node:child_process');
const { mkdirSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { onInterrupt } = require('./interrupt');
const { removeLeftovers } = require('./leftovers');

const root = path.join(__dirname, '..');

async function main() {
  const { signal } = onInterrupt();
  const folder = mkdtempSync(path.join(tmpdir(), 'ms-'));
  const place = mkdtempSync(path.join(tmpdir(), 'fresh-clone-'));
  try {
    const clone = path.join(place, 'mainspring');
    execFileSync('git', ['clone', '--quiet', root, clone]);
    const env = cleanEnv(place, folder);
    await start(clone, env, signal);
    console.log('Second start, with everything in place:');
    await start(clone, env, signal);
  } finally {
    // Go keeps its modules read-only.
    execFileSync('chmod', ['-R', 'u+w', place]);
    rmSync(place, { recursive: true, force: true });
    const leftovers = await removeLeftovers(folder);
    for (const line of leftovers) console.error(`Left behind: ${line}`);
    if (leftovers.length > 0) process.exitCode = 1;
  }
}

/** Runs `npm start` until it says that it is up, and interrupts it. */
async function start(clone, env, signal) {
  const startedAt = Date.now();
  const say = (line) => console.log(`${((Date.now() - startedAt) / 1_000).toFixed(1)} s\t${line}`);
  const args = ['start', '--', '--temporal-port', '0', '--ui-port', '0'];
  const npm = spawn('npm', args, { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => npm.kill('SIGINT');
  signal.addEventListener('abort', stop);
  const running = new Set();
  for (const stream of [npm.stdout, npm.stderr]) {
    createInterface(stream).on('line', (line) => {
      say(line);
      const [, name] = /RUNNING (\w+)/.exec(line) ?? [];
      if (name) running.add(name);
      if (line.startsWith('Press Ctrl-C')) stop();
    });
  }
  const exitCode = await new Promise((resolve) => npm.once('close', resolve));
  signal.removeEventListener('abort', stop);
  say(`exit code ${exitCode}`);
  signal.throwIfAborted();
  if (exitCode !== 0 || running.size !== 2)
    throw new Error('The two servers did not reach RUNNING.');
}

/** What a login shell has; with --cold the home folder is empty, and with it the caches of npm, Go and Mainspring. */
function cleanEnv(place, folder) {
  const isCold = process.argv.includes('--cold');
  const unwanted = isCold
    ? /^(npm_|MAINSPRING_|TEMPORAL_|XDG_|GO(CACHE|MODCACHE|PATH)$)/
    : /^(npm_|TEMPORAL_)/;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !unwanted.test(name)),
  );
  const home = path.join(place, 'home');
  mkdirSync(home);
  return {
    ...env,
    ...(isCold && { HOME: home }),
    TMPDIR: folder,
    MAINSPRING_HOME: path.join(place, 'data'),
  };
}

main().catch((error) => {
  console.error(error.message);
  process.exit(error.exitCode ?? 1);
});
