const path = require('node:path');
const { default: JestRunner, EmittingTestRunner } = require('jest-runner');

/** An instance is about 600 MB in several processes. */
const MAX_E2E_WORKERS = 6;
/** Long for their size, by which Jest orders what it has not timed yet: begun last, they would run alone in the end. */
const BEGUN_FIRST = ['conformance', 'install', 'host-killers', 'chaos'];

/**
 * Runs the end-to-end tests beside the unit tests. They spend more than half of their time waiting for processes and the clock:
 * as many of them as there are cores run at once, while the unit tests have half of the cores.
 */
module.exports = class SideBySideRunner extends EmittingTestRunner {
  #allCores;
  #halfTheCores;
  #forE2e;

  constructor(globalConfig, context) {
    super(globalConfig, context);
    const { maxWorkers: cores } = globalConfig;
    const runner = (maxWorkers) => new JestRunner({ ...globalConfig, maxWorkers }, context);
    this.#allCores = runner(cores);
    this.#halfTheCores = runner(Math.ceil(cores / 2));
    this.#forE2e = runner(Math.min(cores, MAX_E2E_WORKERS));
  }

  async runTests(tests, watcher, options) {
    const e2e = longestFirst(tests.filter(isE2e));
    const unit = tests.filter((test) => !isE2e(test));
    const unitRunner = e2e.length === 0 ? this.#allCores : this.#halfTheCores;
    const runUnit = () => unitRunner.runTests(unit, watcher, options);
    const runE2e = () => this.#forE2e.runTests(e2e, watcher, options);
    if (options.serial) await runUnit().then(runE2e);
    else await Promise.all([runUnit(), runE2e()]);
  }

  on(event, listener) {
    const runners = [this.#allCores, this.#halfTheCores, this.#forE2e];
    const stops = runners.map((runner) => runner.on(event, listener));
    return () => stops.forEach((stop) => stop());
  }
};

function isE2e(test) {
  return test.context.config.displayName.name === 'e2e';
}

/** Jest's order, but for those that it would begin too late. */
function longestFirst(tests) {
  const isLong = (test) => BEGUN_FIRST.includes(path.basename(test.path, '.test.ts'));
  return [...tests.filter(isLong), ...tests.filter((test) => !isLong(test))];
}
