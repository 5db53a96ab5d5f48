import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The first release with Standalone Activities. */
export const MIN_VERSION = '1.9.1';
const VERSION_TIMEOUT_MS = 10_000;

const run = promisify(execFile);

/** There is no executable in a place that may have one; not worth reporting during the search. */
export class ExecutableNotFound extends Error {}

/** Runs `<file> --version` and returns the version as 1.2.3; fails if the file does not run. */
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

/** Whether a version has the features that Mainspring needs. */
export function isNewEnough(version: string): boolean {
  const found = version.split('.').map(Number);
  const needed = MIN_VERSION.split('.').map(Number);
  const differing = needed.findIndex((part, index) => part !== found[index]);
  return differing === -1 || (found[differing] ?? 0) > (needed[differing] ?? 0);
}
