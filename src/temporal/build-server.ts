import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { withFileLock } from '../base/file-lock';
import { signalGroup } from '../process/group-liveness';
import { builtPath, makeCached, moduleFolder, verifyCached } from './executable-cache';
import { type ExecutableSearch } from './executable-search';
import { BUILD_FLAGS, DRIVER_FLAGS, type SqliteDriver } from './sqlite-driver';

const PROGRESS_INTERVAL_MS = 10_000;
const STDERR_LINES_IN_ERRORS = 3;

/**
 * Builds temporal-config/dev-server with Go, unless another process builds it first, and resolves with its path. SQLite in
 * C needs a C compiler; without one, or when that build fails, SQLite in Go is taken.
 */
export async function buildServer(search: ExecutableSearch): Promise<string> {
  if (await hasCCompiler(search)) {
    const file = builtPath(search.cacheDir, 'c');
    try {
      await buildOnce(file, 'c', search);
      return file;
    } catch (error) {
      search.signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      search.onProgress(`Temporal: SQLite in C cannot be built, trying SQLite in Go (${reason})`);
    }
  }
  const file = builtPath(search.cacheDir, 'go');
  await buildOnce(file, 'go', search);
  return file;
}

async function buildOnce(
  file: string,
  driver: SqliteDriver,
  search: ExecutableSearch,
): Promise<void> {
  const started = performance.now();
  const seconds = () => `${Math.round((performance.now() - started) / 1_000)} s`;
  let reportedAt = -Infinity;
  const onWait = () => {
    if (performance.now() - reportedAt < PROGRESS_INTERVAL_MS) return;
    reportedAt = performance.now();
    search.onProgress(`Temporal: another process is building it, waiting (${seconds()})`);
  };

  await mkdir(path.dirname(file), { recursive: true });
  const wait = { timeoutMs: Infinity, signal: search.signal, onWait };
  await withFileLock(`${file}.lock`, wait, async () => {
    if (await isBuilt(file)) return;
    search.onProgress(
      'Temporal: building it with Go (once; about 4 minutes with an empty Go cache)',
    );
    let packages = 0;
    const ticking = setInterval(() => {
      search.onProgress(`Temporal: building, ${packages} packages compiled (${seconds()})`);
    }, PROGRESS_INTERVAL_MS);
    try {
      await makeCached(file, async (scratch) => {
        const output = path.join(scratch, 'temporal');
        await go(
          ['build', '-v', ...BUILD_FLAGS, ...DRIVER_FLAGS[driver], '-o', output, '.'],
          { ...search, env: { ...search.env, GOTMPDIR: scratch } },
          () => packages++,
        );
        return output;
      });
    } finally {
      clearInterval(ticking);
    }
    search.onProgress(`Temporal: built in ${seconds()}`);
  });
}

async function isBuilt(file: string): Promise<boolean> {
  return verifyCached(file).then(
    () => true,
    () => false,
  );
}

/** Go turns cgo off by itself when it finds no C compiler. */
async function hasCCompiler(search: ExecutableSearch): Promise<boolean> {
  let isOn = false;
  await go(['env', 'CGO_ENABLED'], search, undefined, (line) => (isOn ||= line === '1'));
  return isOn;
}

function go(
  args: readonly string[],
  search: ExecutableSearch,
  onPackage: () => void = () => undefined,
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawnGo(args, search);
    const lastLines: string[] = [];
    createInterface(child.stdout).on('line', onLine);
    createInterface(child.stderr).on('line', (line) => {
      lastLines.push(line);
      if (lastLines.length > STDERR_LINES_IN_ERRORS) lastLines.shift();
      if (!line.startsWith('go: ')) onPackage(); // go: downloading …
    });
    child.once('error', (error) => {
      reject('code' in error && error.code === 'ENOENT' ? new Error('no `go` on PATH') : error);
    });
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      const reason = lastLines.join(' ') || (signal ?? `code ${code}`);
      reject(new Error(`go ${args[0]}: ${reason}`));
    });
  });
}

function spawnGo(args: readonly string[], { env, signal, background }: ExecutableSearch) {
  const command = background ? [...LOWEST_PRIORITY, 'go'] : ['go'];
  const [program = 'go', ...more] = [...command, ...args];
  const child = spawn(program, more, {
    cwd: moduleFolder(),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: background !== undefined,
  });
  const { pid } = child;
  if (pid === undefined) return child;
  // Go ends in order only on SIGINT, and when its compilers have ended.
  const interrupt = () => (background ? signalGroup(pid, 'SIGINT') : child.kill('SIGINT'));
  signal?.addEventListener('abort', interrupt, { once: true });
  if (signal?.aborted) interrupt();
  child.once('close', () => signal?.removeEventListener('abort', interrupt));
  background?.onSpawn(pid);
  child.once('exit', () => background?.onGone(pid));
  return child;
}

/** Its priority as set by another process would be that of one thread only. */
const LOWEST_PRIORITY = process.platform === 'win32' ? [] : ['nice', '-n', '19'];
