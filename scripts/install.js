const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { runStep, timed } = require('./step');

const platform = `${process.platform}-${process.arch} node ${process.versions.node.split('.')[0]}`;
const platformFile = (root) => path.join(root, 'node_modules', '.installed-for');

/** Installs exactly what package-lock.json names. No package needs its install script. */
function install(root, signal) {
  return timed('Installing dependencies (npm ci, about 30 s)', async () => {
    const [command, ...args] = npm();
    await runStep(command, [...args, 'ci', '--ignore-scripts', '--loglevel=error'], {
      cwd: root,
      signal,
    });
    writeFileSync(platformFile(root), platform);
  });
}

/** Compares with what npm itself writes down last, so that an `npm ci` by hand counts and an interrupted one does not. */
function isInstalled(root) {
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const found = packagesOf(path.join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !found || !isSamePlatform(root)) return false;
  const isThere = ([name, { version, optional }]) =>
    found[name] === undefined ? optional === true : found[name].version === version;
  const names = Object.keys(found);
  delete wanted[''];
  return Object.entries(wanted).every(isThere) && names.every((name) => name in wanted);
}

function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
}

/** A checkout may be used by several machines or Node versions in turn; native packages differ. */
function isSamePlatform(root) {
  const file = platformFile(root);
  return !existsSync(file) || readFileSync(file, 'utf8') === platform;
}

/** The npm that runs this script, if one does. */
function npm() {
  const running = process.env.npm_execpath ?? '';
  return path.basename(running) === 'npm-cli.js' ? [process.execPath, running] : ['npm'];
}

module.exports = { install, isInstalled };
