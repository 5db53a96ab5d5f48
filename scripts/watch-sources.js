const { execFile } = require('node:child_process');
const { existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { transformFile } = require('@swc/core');
const { importsIn, usersOf } = require('./role-users');

const FOLDERS = ['src', 'workflows', 'activities'];
/** An editor, or a checkout of another branch, writes several times. */
const SETTLE_MS = 200;

/** As tsc compiles, without types; names stay visible to `import()`. */
const COMPILER = {
  swcrc: false,
  sourceMaps: 'inline',
  jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
  module: { type: 'commonjs', ignoreDynamic: true, exportInteropAnnotation: true },
};

/** Compiles what changes into dist/, and ends the roles of the instance on `home` that use it: its `up` starts them again. */
function watchSources(root, home) {
  const changed = new Set();
  let applied = Promise.resolve();
  let timer;
  const apply = async () => {
    const files = [...changed];
    changed.clear();
    try {
      await takeIn(root, home, files);
    } catch (error) {
      for (const file of files) changed.add(file); // they count again with the change that mends it
      console.error(error.message.split('\n\nCaused by:', 1).join());
    }
  };
  for (const folder of FOLDERS) {
    watch(path.join(root, folder), { recursive: true }, (_event, name) => {
      if (!name?.endsWith('.ts')) return;
      changed.add(path.join(folder, name));
      clearTimeout(timer);
      timer = setTimeout(() => (applied = applied.then(apply)), SETTLE_MS);
    });
  }
}

async function takeIn(root, home, files) {
  const dist = path.join(root, 'dist');
  rmSync(path.join(dist, '.sources'), { force: true }); // the next real build does it all again
  for (const file of files) await compile(root, file);
  const modules = new Set(files.map((file) => file.replace(/\.ts$/, '')));
  const { roles, workflows } = usersOf(modules, importsIn(dist));
  if (workflows) {
    const script = path.join(root, 'scripts', 'build-workflows.js');
    await promisify(execFile)(process.execPath, [script], { cwd: root });
  }
  const others = roles.filter((role) => role !== 'up');
  console.error(`${files.join(', ')} changed: ${effectOf(roles, others)}`);
  endRoles(home, others);
}

async function compile(root, file) {
  const source = path.join(root, file);
  const target = path.join(root, 'dist', file.replace(/\.ts$/, '.js'));
  if (!existsSync(source)) return rmSync(target, { force: true });
  const { code } = await transformFile(source, COMPILER);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, code);
}

function effectOf(roles, others) {
  if (others.length > 0) return `restarting ${others.join(', ')}`;
  return roles.length > 0 ? 'restart `npm run dev` to use it' : 'no role uses it';
}

/** Only those of the instance that this process runs. */
function endRoles(home, roles) {
  const file = path.join(home, 'instance.json');
  if (!existsSync(file)) return; // still starting
  const { owner, pids } = JSON.parse(readFileSync(file, 'utf8'));
  if (owner.pid !== process.pid) return;
  const pidsOf = { worker: [pids.worker], host: Object.values(pids.hosts), api: [pids.api] };
  // Roles may share a process.
  for (const pid of new Set(roles.flatMap((role) => pidsOf[role]))) {
    if (pid !== undefined) end(pid);
  }
}

function end(pid) {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // it has ended by itself
  }
}

module.exports = { watchSources };
