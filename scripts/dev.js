// An instance from the sources, with a data directory of its own: what changes is compiled, and the roles that use it start again.
require('./node-version');
const path = require('node:path');
const { prepare, root } = require('./prepare');
const { runUp } = require('./run-up');
const { watchSources } = require('./watch-sources');

process.env.MAINSPRING_HOME ||= path.join(root, '.mainspring-dev');

prepare().then(() => {
  watchSources(root, process.env.MAINSPRING_HOME);
  runUp(root, ['--separate', ...process.argv.slice(2)]); // a change then restarts only the roles that use it
});
