// Finds, downloads or builds Temporal. Silent when it is there already.
const path = require('node:path');
const { onInterrupt } = require('./interrupt');

const temporal = path.join(__dirname, '..', 'dist', 'src', 'temporal');
const { findTemporal } = require(path.join(temporal, 'executable.js'));
const { temporalSettings } = require(path.join(temporal, 'settings.js'));
const { reportOf } = require(path.join(temporal, '..', 'base', 'errors.js'));
const { loadSettings } = require(path.join(temporal, '..', 'config.js'));

obtain().then((code) => process.exit(code));

async function obtain() {
  if ((await temporalSettings(process.env)) !== undefined) return 0; // it is elsewhere
  const { signal } = onInterrupt();
  const { cacheDir, temporalBin, temporalArchiveUrl } = loadSettings(process.env);
  const places = { cacheDir, temporalBin, temporalArchiveUrl, env: process.env };
  try {
    await findTemporal({ ...places, signal, onProgress: (line) => console.error(line) });
    return 0;
  } catch (error) {
    if (!signal.aborted) report(error);
    return 1;
  }
}

function report(error) {
  const { code, message, fix } = reportOf(error);
  console.error(`Error [${code}] ${message}\nTry: ${fix}`);
}
