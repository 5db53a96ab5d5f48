// A gateway in a process of its own, to be killed: node gateway-child.js <home> <port>
require('../../load-typescript');
const { startGateway } = require('./legacy-harness');

const [home, port] = process.argv.slice(2);
startGateway(home, { port: Number(port) }).then((gateway) => {
  process.stdout.write(`${gateway.port}\n`);
});
