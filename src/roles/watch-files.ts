import { stat } from 'node:fs/promises';
import { pause } from '../async/pause';

/**
 * Interval at which files are polled, in ms: that works for editors that replace files, for files that do not exist yet
 * and for folders of other machines, where notifications of the system do not.
 */
const POLL_MS = 500;
/** A file that still changes is not read yet. */
const SETTLE_MS = 100;
/** Polls after which a file that never stops changing is read as it is. */
const MAX_SETTLE_POLLS = 20;

export interface Watched {
  /** Returns the files to watch now. */
  list: () => Promise<string[]>;
  /** File whose changes mean that the list may be another one. */
  listFile: string;
  /** Must not throw. Changes meanwhile are noticed afterwards. */
  onChange: (files: string[]) => Promise<void>;
  signal: AbortSignal;
}

/** Calls `onChange` with the files that have changed, until the signal fires. */
export async function watchFiles({ list, listFile, onChange, signal }: Watched): Promise<void> {
  let files = await list();
  let known = await versionsOf([listFile, ...files]);
  while (await waited(POLL_MS, signal)) {
    const now = await versionsOf(known.keys());
    if (isSame(known, now)) continue;
    const settled = await settledVersions(now, signal);
    const changed = files.filter((file) => known.get(file) !== settled.get(file));
    if (changed.length > 0 && !signal.aborted) await onChange(changed);
    files = await list();
    known = new Map([...(await versionsOf([listFile, ...files])), ...settled]);
  }
}

async function settledVersions(
  first: Map<string, string>,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  let last = first;
  for (let polls = 0; polls < MAX_SETTLE_POLLS; polls += 1) {
    if (!(await waited(SETTLE_MS, signal))) break;
    const now = await versionsOf(last.keys());
    if (isSame(last, now)) break;
    last = now;
  }
  return last;
}

async function versionsOf(files: Iterable<string>): Promise<Map<string, string>> {
  return new Map(
    await Promise.all(
      [...files].map(async (file): Promise<[string, string]> => {
        const stats = await stat(file).catch(() => undefined); // missing
        return [file, stats ? `${stats.ino} ${stats.mtimeMs} ${stats.size}` : 'missing'];
      }),
    ),
  );
}

function isSame(a: Map<string, string>, b: Map<string, string>): boolean {
  return [...a].every(([file, version]) => b.get(file) === version);
}

/** Whether there was no signal meanwhile. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  await pause(ms, signal);
  return !signal.aborted;
}
