require('./node-version');
const { runMain } = require('node:module');
const path = require('node:path');
const { prepare, root } = require('./prepare');

prepare().then(() => {
  const main = path.join(root, 'dist', 'benchmarks', 'conformance', 'main.js');
  process.argv = [process.execPath, main, ...process.argv.slice(2)];
  runMain();
});
