// Finds, downloads or builds Temporal. Silent when it is there already.
const path = require('node:path');
const { onInterrupt } = require('./interrupt');

const temporal = path.join(__dirname, '..', 'dist', 'src', 'temporal');
const { findTemporal } = require(path.join(temporal, 'executable.js'));
const { temporalSettings } = require(path.join(temporal, 'connection.js'));
const { reportOf } = require(path.join(temporal, '..', 'base', 'errors.js'));
const { loadSettings } = require(path.join(temporal, '..', 'config.js'));

const isElsewhere = temporalSettings(process.env) !== undefined;
if (!isElsewhere) {
  const { signal } = onInterrupt();
  const { cacheDir, temporalBin, temporalArchiveUrl } = loadSettings(process.env);
  const places = { cacheDir, temporalBin, temporalArchiveUrl, env: process.env };
  findTemporal({ ...places, signal, onProgress: (line) => console.error(line) }).then(
    () => process.exit(0),
    (error) => {
      if (!signal.aborted) report(error);
      process.exit(1);
    },
  );
}

function report(error) {
  const { code, message, fix } = reportOf(error);
  console.error(`Error [${code}] ${message}\nTry: ${fix}`);
}
