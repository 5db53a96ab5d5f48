const path = require('node:path');

/** A second Ctrl-C this long after the first no longer waits for an orderly end. */
const PATIENCE_MS = 2_000;

/** Runs `mainspring up` in this process, with the quickstart when no other config is given. */
function runUp(root, given) {
  const main = path.join(root, 'bin', 'mainspring.js');
  const quickstart = path.join(root, 'examples', 'quickstart.json');
  const config = given.includes('--config') ? [] : ['--config', quickstart];
  process.argv = [process.execPath, main, 'up', ...config, ...given];
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) survivePairs(name);
  require(main);
}

/** Ctrl-C comes twice, from the terminal and from npm; the second one would end `up` in the middle of its stop. */
function survivePairs(name) {
  let firstAt;
  process.on(name, () => {
    firstAt ??= Date.now();
    if (Date.now() - firstAt > PATIENCE_MS) process.exit(130);
  });
}

module.exports = { runUp };
