require('./node-version');
const { spawn } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { onInterrupt } = require('./interrupt');
const { removeLeftovers } = require('./leftovers');
const { prepare, root } = require('./prepare');

prepare()
  .then(runJest)
  .then((exitCode) => process.exit(exitCode));

async function runJest() {
  const { signal } = onInterrupt();
  // Short, because sockets live in it. Every process of the suite inherits it, MCP servers included: the mark to find them.
  const folder = mkdtempSync(path.join(tmpdir(), 'ms-'));
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(process.execPath, [jest, ...process.argv.slice(2)], {
    cwd: root,
    env: {
      ...cleanEnv(),
      TMPDIR: folder,
      XDG_DATA_HOME: path.join(folder, 'data'),
      UV_CREDENTIALS_DIR: path.join(root, 'node_modules', '.cache', 'uv-credentials'),
    },
    stdio: 'inherit',
  });
  signal.addEventListener('abort', () => child.kill('SIGTERM'));
  const exitCode = await new Promise((resolve) =>
    child.once('close', (code) => resolve(code ?? 1)),
  );
  const leftovers = await removeLeftovers(folder, { isExpected: signal.aborted });
  if (signal.aborted) return signal.reason.exitCode;
  for (const line of leftovers) console.error(`Left behind by the tests: ${line}`);
  return leftovers.length > 0 ? 1 : exitCode;
}

/** Without the settings of the user's own instance or cluster; where Temporal comes from stays. */
function cleanEnv() {
  const ours = /^(TEMPORAL_|MAINSPRING_(?!TEMPORAL_|CACHE|TEST_))|^MAINSPRING_TEMPORAL_PORT$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
