require('./node-version');
const path = require('node:path');
const { prepare, root } = require('./prepare');

/** A second Ctrl-C this long after the first no longer waits for an orderly end. */
const PATIENCE_MS = 2_000;

prepare().then(() => {
  const main = path.join(root, 'bin', 'mainspring.js');
  const given = process.argv.slice(2);
  const config = given.includes('--config') ? [] : ['--config', quickstart()];
  process.argv = [process.execPath, main, 'up', ...config, ...given];
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) survivePairs(name);
  require(main);
});

function quickstart() {
  return path.join(root, 'examples', 'quickstart.json');
}

/** Ctrl-C comes twice, from the terminal and from npm; the second one would end `up` in the middle of its stop. */
function survivePairs(name) {
  let firstAt;
  process.on(name, () => {
    firstAt ??= Date.now();
    if (Date.now() - firstAt > PATIENCE_MS) process.exit(130);
  });
}
