// `mainspring stdio` from the sources, on the data directory that is given; ends as the command does.
require('../../load-typescript');
const { runStdio } = require('../../../src/roles/stdio');

const [home, server] = process.argv.slice(2);
const told = new AbortController();
process.once('SIGTERM', () => told.abort());
runStdio({ home }, server === undefined ? {} : { server }, told.signal).catch((error) => {
  console.error(`Error [${error.code}] ${error.message}`);
  process.exitCode = 1;
});
