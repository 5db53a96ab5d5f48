require('./node-version');
const { prepare, root } = require('./prepare');
const { runUp } = require('./run-up');

prepare().then(() => runUp(root, process.argv.slice(2)));
