import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The first release with Standalone Activities. */
export const MIN_VERSION = '1.9.1';
const VERSION_TIMEOUT_MS = 10_000;

const run = promisify(execFile);

/** A place where one may be, and none is: nothing worth telling while the search goes on. */
export class NothingThere extends Error {}

/** What `<file> --version` says, as 1.2.3; fails when the file does not run. */
export async function versionOf(file: string): Promise<string> {
  const { stdout } = await run(file, ['--version'], {
    timeout: VERSION_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  }).catch((error: Error) => {
    throw new Error(`${file} does not run: ${error.message.split('\n')[0]}`, { cause: error });
  });
  const version = /^temporal version (\d+\.\d+\.\d+)/m.exec(stdout)?.[1];
  if (!version) throw new Error(`${file} --version does not print a Temporal version`);
  return version;
}

/** Whether a version has what Mainspring needs. */
export function isNewEnough(version: string): boolean {
  const found = version.split('.').map(Number);
  const needed = MIN_VERSION.split('.').map(Number);
  const differing = needed.findIndex((part, index) => part !== found[index]);
  return differing === -1 || (found[differing] ?? 0) > (needed[differing] ?? 0);
}
