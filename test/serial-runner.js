const { default: JestRunner } = require('jest-runner');

/** One file at a time, in a worker: each starts instances of several processes, which must not starve each other. */
module.exports = class SerialRunner extends JestRunner {
  constructor(globalConfig, context) {
    super({ ...globalConfig, maxWorkers: 1 }, context);
  }
};
