const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

class Interrupted extends Error {
  constructor(name) {
    super(`Interrupted by ${name}`);
    this.exitCode = EXIT_CODES[name];
  }
}

/** Turns the signals that end a process into one AbortSignal, until `stop` is called. */
function onInterrupt() {
  const controller = new AbortController();
  const abort = (name) => controller.abort(new Interrupted(name));
  for (const name of Object.keys(EXIT_CODES)) process.on(name, abort);
  return {
    signal: controller.signal,
    stop() {
      for (const name of Object.keys(EXIT_CODES)) process.off(name, abort);
    },
  };
}

module.exports = { Interrupted, onInterrupt };
