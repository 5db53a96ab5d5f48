const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');

/** The processes of an instance, by the modules that they begin with. */
const ENTRIES = {
  up: ['src/roles/up'],
  worker: [
    'src/roles/worker',
    'src/roles/role-main',
    'workflows/index',
    'workflows/refuse-unsigned',
  ],
  host: ['src/roles/host', 'src/roles/role-main'],
  api: ['src/roles/api', 'src/roles/role-main'],
};
/** What scripts/build-workflows.js bundles. */
const BUNDLED = ['workflows/index', 'workflows/refuse-unsigned', 'src/temporal/unsigned-converter'];

/**
 * The processes that load one of the changed modules, directly or through others, and whether workflow code does. Modules are
 * paths without extension; `importsOf` returns those that a module imports.
 */
function usersOf(changed, importsOf) {
  const uses = (entries) => [...reach(entries, importsOf)].some((module) => changed.has(module));
  const roles = Object.keys(ENTRIES).filter((role) => uses(ENTRIES[role]));
  return { roles, workflows: uses(BUNDLED) };
}

function reach(entries, importsOf) {
  const seen = new Set(entries);
  for (const module of seen) for (const imported of importsOf(module)) seen.add(imported);
  return seen;
}

const IMPORT = /\b(?:require|import)\("(\.{1,2}\/[^"]*)"\)/g;

/** Reads imports from the compiled modules in `dist`: types leave no trace there. */
function importsIn(dist) {
  const isModule = (module) => existsSync(path.join(dist, `${module}.js`));
  return (module) => {
    const file = path.join(dist, `${module}.js`);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return [...text.matchAll(IMPORT)]
      .map(([, to]) => path.join(path.dirname(module), to.replace(/\.js$/, '')))
      .map((found) => (isModule(found) ? found : path.join(found, 'index')));
  };
}

module.exports = { importsIn, usersOf };
