// Records the histories that the workflow tests produce, for test/workflows/replay.test.ts.
const { spawnSync } = require('node:child_process');
const { mkdirSync, readdirSync, rmSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const histories = path.join(root, 'test', 'histories');
mkdirSync(histories, { recursive: true });
for (const name of readdirSync(histories)) {
  if (name.endsWith('.json')) rmSync(path.join(histories, name));
}

const tests = ['entity', 'isolation', 'continue-as-new', 'install', 'validate', 'oauth-token'].map(
  (name) => `test/workflows/${name}`,
);
const { status } = spawnSync(process.execPath, [require.resolve('jest/bin/jest'), ...tests], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, RECORD_HISTORIES: '1' },
});
console.log(`Recorded ${readdirSync(histories).length} histories in ${histories}`);
process.exitCode = status ?? 1;
