import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { MainspringError, reportOf } from '../../base/errors';
import { BUNDLE_LIMITS, bundleProblem, isFolder, modeOf } from './bundle-limits';
import { isDiskError } from '../../base/disk-error';

const ANY_EXECUTABLE = 0o111;

/**
 * Unpacks an archive into an empty folder, or refuses it before anything is written. Returns the names of its files.
 *
 * @throws MainspringError BUNDLE_REFUSED, which names the entry; the reason of an aborted signal
 */
export async function unpackBundle(
  archive: string,
  folder: string,
  signal: AbortSignal,
): Promise<string[]> {
  const zip = await refusing(() =>
    // Names are not decoded: the checks of yauzl would hide which entry failed.
    openPromise(archive, { decodeStrings: false, autoClose: false }),
  );
  try {
    const entries = await refusing(() => readEntries(zip));
    const problem = bundleProblem(entries);
    if (problem !== undefined) throw refused(problem);
    for (const entry of entries) {
      signal.throwIfAborted();
      await refusing(() => unpackEntry(zip, entry, folder, signal), signal);
    }
    return entries.filter((entry) => !isFolder(entry)).map(({ fileName }) => fileName);
  } finally {
    zip.close();
  }
}

async function readEntries(zip: ZipFile): Promise<Entry[]> {
  if (zip.entryCount > BUNDLE_LIMITS.entries) {
    throw refused(`it has more than ${BUNDLE_LIMITS.entries} entries`);
  }
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
    entry.fileName = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
    entries.push(entry);
  }
  return entries;
}

/** Unpacks one entry; never overwrites an existing file. */
async function unpackEntry(
  zip: ZipFile,
  entry: Entry,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const target = path.join(folder, entry.fileName);
  if (isFolder(entry)) {
    await mkdir(target, { recursive: true, mode: 0o700 });
    return;
  }
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  const mode = modeOf(entry) & ANY_EXECUTABLE ? 0o700 : 0o600;
  const content = await zip.openReadStreamPromise(entry);
  await pipeline(content, createWriteStream(target, { flags: 'wx', mode }), { signal });
}

/** Turns every error into a refusal of the archive, except those of the disk. */
async function refusing<Result>(
  action: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (signal?.aborted || error instanceof MainspringError || isDiskError(error)) throw error;
    throw refused(reportOf(error).message, error);
  }
}

export function refused(why: string, cause?: unknown): MainspringError {
  return new MainspringError('BUNDLE_REFUSED', `The bundle was rejected: ${why}.`, { cause });
}
