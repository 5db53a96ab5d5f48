const path = require('node:path');
const { default: JestRunner, EmittingTestRunner } = require('jest-runner');

/** An instance is about 600 MB in five processes. */
const MAX_E2E_WORKERS = 6;
/** Long for their size, by which Jest orders what it has not timed yet: begun last, they would run alone in the end. */
const BEGUN_FIRST = ['conformance', 'install', 'host-killers', 'chaos'];

/**
 * Runs the end-to-end tests beside the unit tests. They spend more than half of their time waiting for processes and the clock,
 * so that one more of them than there are cores runs at once.
 */
module.exports = class SideBySideRunner extends EmittingTestRunner {
  #unit;
  #e2e;

  constructor(globalConfig, context) {
    super(globalConfig, context);
    const maxWorkers = Math.min(globalConfig.maxWorkers + 1, MAX_E2E_WORKERS);
    this.#unit = new JestRunner(globalConfig, context);
    this.#e2e = new JestRunner({ ...globalConfig, maxWorkers }, context);
  }

  async runTests(tests, watcher, options) {
    const isE2e = (test) => test.context.config.displayName.name === 'e2e';
    const unit = () =>
      this.#unit.runTests(
        tests.filter((test) => !isE2e(test)),
        watcher,
        options,
      );
    const e2e = () => this.#e2e.runTests(longestFirst(tests.filter(isE2e)), watcher, options);
    if (options.serial) await unit().then(e2e);
    else await Promise.all([unit(), e2e()]);
  }

  on(event, listener) {
    const stops = [this.#unit, this.#e2e].map((runner) => runner.on(event, listener));
    return () => stops.forEach((stop) => stop());
  }
};

/** Jest's order, but for those that it would begin too late. */
function longestFirst(tests) {
  const isLong = (test) => BEGUN_FIRST.includes(path.basename(test.path, '.test.ts'));
  return [...tests.filter(isLong), ...tests.filter((test) => !isLong(test))];
}
