const { createHash } = require('node:crypto');
const {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const path = require('node:path');
const { onInterrupt } = require('./interrupt');
const { withLock } = require('./lock');
const { runStep, timed } = require('./step');

/** Everything that dist/ is made from. */
const SOURCES = [
  'src',
  'workflows',
  'activities',
  'benchmarks',
  'scripts/build.js',
  'scripts/build-workflows.js',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];
const stampFile = (root) => path.join(root, 'dist', '.sources');

/** Compiles beside dist/ and swaps, so that a failed build changes nothing and no stale file stays. */
function build(root, signal) {
  return timed('Building', async () => {
    const stamp = digestOfSources(root);
    const dist = path.join(root, 'dist');
    const fresh = path.join(root, 'dist.building');
    const node = (args) => runStep(process.execPath, args, { cwd: root, signal });
    rmSync(fresh, { recursive: true, force: true });
    try {
      const tsc = path.join('node_modules', 'typescript', 'bin', 'tsc');
      await node([tsc, '-p', 'tsconfig.build.json', '--outDir', fresh]);
      rmSync(dist, { recursive: true, force: true });
      renameSync(fresh, dist);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
    await node([path.join('scripts', 'build-workflows.js')]);
    writeFileSync(stampFile(root), stamp); // last: without it the build counts as not done
  });
}

function isBuilt(root) {
  const file = stampFile(root);
  return existsSync(file) && readFileSync(file, 'utf8') === digestOfSources(root);
}

function digestOfSources(root) {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((source) => filesOf(root, source))) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(root, source) {
  const full = path.join(root, source);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [source];
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesOf(root, path.join(source, name)));
}

async function main() {
  const root = path.join(__dirname, '..');
  const { signal } = onInterrupt();
  await withLock(path.join(root, '.prepare.lock'), signal, () => build(root, signal));
}

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message);
    process.exit(error.exitCode ?? 1);
  });
}

module.exports = { build, isBuilt };
