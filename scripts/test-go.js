// Tests our Temporal: its requests in one process, and both SQLite drivers on the same cases and on one file that they write
// in turn.
const { spawnSync } = require('node:child_process');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { DRIVER_FLAGS } = require('../dist/src/temporal/sqlite-driver.js');

const folder = mkdtempSync(path.join(tmpdir(), 'mainspring-sqlite-'));
const env = { ...process.env, MAINSPRING_TEST_SQLITE_FILE: path.join(folder, 'shared.db') };
const { c: inC, go: inGo } = DRIVER_FLAGS;

try {
  go('test', '-count=1', './inprocess');
  const drivers = hasCCompiler() ? [inGo, inC, inGo, inC] : [inGo];
  if (drivers.length === 1) console.error('Without a C compiler only SQLite in Go is tested.');
  for (const flags of drivers) go('test', '-count=1', ...flags, './sqlite-cases');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function hasCCompiler() {
  const { stdout } = spawnSync('go', ['env', 'CGO_ENABLED'], { encoding: 'utf8' });
  return stdout?.trim() === '1';
}

function go(...args) {
  const cwd = path.join(__dirname, '..', 'temporal-config', 'dev-server');
  const { status, error } = spawnSync('go', args, { cwd, env, stdio: 'inherit' });
  if (error) console.error(`Error: cannot run go: ${error.message}`);
  if (status !== 0) process.exitCode = 1;
}
