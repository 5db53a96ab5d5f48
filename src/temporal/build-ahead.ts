import { buildServer } from './build-server';
import { downloadedPath } from './executable-cache';
import { type ExecutableSearch } from './executable-search';

/**
 * Builds our own Temporal for the next start where the official one is used, which takes more processor time for each call
 * (temporal-config/README.md). Never rejects: without Go, or when the build fails, the official one stays.
 *
 * @param used - the executable that serves meanwhile
 */
export async function buildAhead(used: string, search: ExecutableSearch): Promise<void> {
  const { cacheDir, onProgress, signal } = search;
  if (used !== downloadedPath(cacheDir) || signal?.aborted) return;
  let isBuilding = false;
  const sayOnce = () => {
    if (!isBuilding) onProgress('Temporal: building a faster one with Go, for the next start');
    isBuilding = true;
  };
  try {
    await buildServer({ ...search, onProgress: sayOnce });
    onProgress('Temporal: the faster one is built, and serves from the next start on');
  } catch (error) {
    if (!isBuilding || signal?.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    onProgress(`Temporal: the faster one could not be built: ${reason}`);
  }
}
