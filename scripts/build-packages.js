// For a release: builds the embedded Temporal for each platform into packages that npm installs only where they fit, as
// optional dependencies of this one. `node scripts/build-packages.js [platform-arch…] [--out FOLDER]`; all by default.
const { execFileSync, spawnSync } = require('node:child_process');
const { mkdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const root = path.join(__dirname, '..');
const { version, license } = require('../package.json');
const { BUILD_FLAGS, DRIVER_FLAGS } = require('../dist/src/temporal/sqlite-driver.js');
/** SQLite in C needs a C compiler for the platform; there is one for this machine only. */
const PLATFORMS = {
  'linux-x64': { goos: 'linux', goarch: 'amd64', driver: 'c' },
  'linux-arm64': { goos: 'linux', goarch: 'arm64', driver: 'go' },
  'darwin-x64': { goos: 'darwin', goarch: 'amd64', driver: 'go' },
  'darwin-arm64': { goos: 'darwin', goarch: 'arm64', driver: 'go' },
  'win32-x64': { goos: 'windows', goarch: 'amd64', driver: 'go' },
};

const { values, positionals } = parseArgs({
  options: { out: { type: 'string', default: path.join(root, 'dist', 'packages') } },
  allowPositionals: true,
});
const wanted = positionals.length > 0 ? positionals : Object.keys(PLATFORMS);
const unknown = wanted.filter((name) => !(name in PLATFORMS));
if (unknown.length > 0) {
  console.error(
    `Error: unknown platform: ${unknown.join(', ')}; there are: ${Object.keys(PLATFORMS).join(', ')}`,
  );
  process.exit(2);
}
for (const name of wanted) buildPackage(name);
console.log(
  'Publish each folder with `npm publish`, then this package with them as optionalDependencies:',
);
const entries = wanted.map((name) => [packageName(name), version]);
console.log(JSON.stringify({ optionalDependencies: Object.fromEntries(entries) }, null, 2));

function packageName(name) {
  return `@mainspring/temporal-${name}`;
}

function buildPackage(name) {
  const { goos, goarch, driver } = PLATFORMS[name];
  const folder = path.join(values.out, `temporal-${name}`);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `temporal-built-${driver}${goos === 'windows' ? '.exe' : ''}`);
  console.log(`${packageName(name)}: building ${file}`);
  const flags = [...BUILD_FLAGS, ...DRIVER_FLAGS[driver], '-o', file];
  const { status, error } = spawnSync('go', ['build', ...flags, '.'], {
    cwd: path.join(root, 'temporal-config', 'dev-server'),
    env: { ...process.env, GOOS: goos, GOARCH: goarch, CGO_ENABLED: driver === 'c' ? '1' : '0' },
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) process.exit(1);
  const [os, cpu] = name.split('-');
  const manifest = {
    ...{ name: packageName(name), version, license },
    description: `Temporal for Mainspring on ${name}, with SQLite in ${driver === 'c' ? 'C' : 'Go'}`,
    ...{ os: [os], cpu: [cpu], ...(driver === 'c' && { libc: ['glibc'] }) },
    files: [path.basename(file)],
  };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const isHere = name === `${process.platform}-${process.arch}`;
  const says = isHere
    ? execFileSync(file, ['--version'], { encoding: 'utf8' }).trim()
    : 'not run here';
  console.log(`${packageName(name)}: ${says}`);
}
