import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError } from '../base/errors';
import { buildServer } from './build-server';
import { downloadArchive } from './download-archive';
import { cachedPaths, downloadedPath, packagedPaths, verifyCached } from './executable-cache';
import { isNewEnough, MIN_VERSION, ExecutableNotFound, versionOf } from './executable-version';
import { type ExecutableSearch } from './executable-search';

export interface TemporalExecutable {
  path: string;
  /** Place where it was found; `cache` is an earlier download or build. */
  source: 'variable' | 'path' | 'package' | 'cache' | 'download' | 'build';
  version: string;
}

export type FindOptions = Omit<ExecutableSearch, 'onProgress'> &
  Partial<Pick<ExecutableSearch, 'onProgress'>>;

/**
 * Finds a Temporal executable or gets one: MAINSPRING_TEMPORAL_BIN, `temporal` on PATH, the platform package, the cache,
 * the official archive, a build with Go (minutes, once). Fails with TEMPORAL_NOT_FOUND and the
 * reason of every step.
 */
export async function findTemporal(options: FindOptions): Promise<TemporalExecutable> {
  const search: ExecutableSearch = {
    ...options,
    onProgress: options.onProgress ?? (() => undefined),
  };
  if (search.temporalBin !== undefined) return fromVariable(search.temporalBin);

  const reasons: string[] = [];
  for (const [name, step] of STEPS) {
    try {
      return await step(search);
    } catch (error) {
      search.signal?.throwIfAborted();
      const reason = `${name}: ${error instanceof Error ? error.message : String(error)}`;
      reasons.push(reason);
      if (!(error instanceof ExecutableNotFound)) search.onProgress(`Temporal: ${reason}`);
    }
  }
  throw new MainspringError(
    'TEMPORAL_NOT_FOUND',
    `no Temporal executable found:\n  ${reasons.join('\n  ')}`,
    {
      fix: `Install Temporal CLI ${MIN_VERSION} or newer so that \`temporal\` is on PATH, or set MAINSPRING_TEMPORAL_BIN=<file>, or install Go 1.26 so that Mainspring can build one.`,
    },
  );
}

const STEPS: [string, (search: ExecutableSearch) => Promise<TemporalExecutable>][] = [
  ['PATH', onPath],
  ['package', packaged],
  ['cache', cached],
  ['download', downloaded],
  ['build', built],
];

/** An explicit choice never falls back to another executable. */
async function fromVariable(file: string): Promise<TemporalExecutable> {
  try {
    await access(file, constants.X_OK);
    return { path: file, source: 'variable', version: await versionOf(file) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MainspringError(
      'TEMPORAL_NOT_FOUND',
      `MAINSPRING_TEMPORAL_BIN=${file} does not work: ${reason}`,
      { fix: 'Set it to an executable Temporal CLI, or unset the variable.', cause: error },
    );
  }
}

async function onPath({ env }: ExecutableSearch): Promise<TemporalExecutable> {
  const file = await firstOnPath('temporal', env.PATH ?? '');
  if (!file) throw new ExecutableNotFound('`temporal` not found');
  const version = await versionOf(file);
  if (!isNewEnough(version)) throw new Error(`${file} is ${version}, older than ${MIN_VERSION}`);
  return { path: file, source: 'path', version };
}

async function packaged(): Promise<TemporalExecutable> {
  const [file] = packagedPaths();
  if (!file) throw new ExecutableNotFound('no package of Mainspring has one for this platform');
  return { path: file, source: 'package', version: await versionOf(file) };
}

async function cached(search: ExecutableSearch): Promise<TemporalExecutable> {
  const reasons: string[] = [];
  for (const file of cachedPaths(search.cacheDir)) {
    try {
      return { path: file, source: 'cache', version: await verifyCached(file) };
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
      if (!(error instanceof ExecutableNotFound))
        search.onProgress(`Temporal: cache: ${reasons.at(-1)}`);
    }
  }
  throw new ExecutableNotFound(reasons.join('; '));
}

async function downloaded(search: ExecutableSearch): Promise<TemporalExecutable> {
  const file = downloadedPath(search.cacheDir);
  await downloadArchive(file, search);
  return { path: file, source: 'download', version: await verifyCached(file) };
}

async function built(search: ExecutableSearch): Promise<TemporalExecutable> {
  const file = await buildServer(search);
  return { path: file, source: 'build', version: await verifyCached(file) };
}

async function firstOnPath(command: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(path.delimiter).filter((entry) => path.isAbsolute(entry))) {
    const file = path.join(folder, command);
    const isFile = await stat(file).then(
      (info) => info.isFile(),
      () => false,
    );
    if (!isFile) continue;
    const isExecutable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return file;
  }
  return undefined;
}
