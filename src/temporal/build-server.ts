import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { withFileLock } from '../base/file-lock';
import { makeCached, moduleFolder, verifyCached } from './executable-cache';
import { type ExecutableSearch } from './executable-search';

const PROGRESS_INTERVAL_MS = 10_000;
const STDERR_LINES_IN_ERRORS = 3;

/**
 * Builds temporal-config/dev-server with Go into `file`, unless another process builds it first.
 */
export async function buildServer(file: string, search: ExecutableSearch): Promise<void> {
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
      await makeCached(file, (scratch) => goBuild(scratch, search, () => packages++));
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

/** Resolves with the path of the executable. */
function goBuild(
  scratch: string,
  search: ExecutableSearch,
  onPackage: () => void,
): Promise<string> {
  const output = path.join(scratch, 'temporal');
  const args = ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', output, '.'];
  return new Promise((resolve, reject) => {
    const go = spawn('go', args, {
      cwd: moduleFolder(),
      env: search.env,
      stdio: ['ignore', 'ignore', 'pipe'],
      // go removes its work folder only on SIGINT.
      killSignal: 'SIGINT',
      ...(search.signal && { signal: search.signal }),
    });
    const lastLines: string[] = [];
    createInterface(go.stderr).on('line', (line) => {
      lastLines.push(line);
      if (lastLines.length > STDERR_LINES_IN_ERRORS) lastLines.shift();
      if (!line.startsWith('go: ')) onPackage(); // go: downloading …
    });
    go.once('error', (error) => {
      reject('code' in error && error.code === 'ENOENT' ? new Error('no `go` on PATH') : error);
    });
    go.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`go build: ${lastLines.join(' ') || (signal ?? `code ${code}`)}`));
    });
  });
}
