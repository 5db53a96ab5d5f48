import path from 'node:path';
import { readInstance } from '../offline/instance';
import { MainspringError } from '../base/errors';
import { type FileLock, tryFileLock } from '../base/file-lock';

/** Makes this process the only `up` on a data directory; ALREADY_RUNNING names the other one. */
export async function lockHome(home: string): Promise<FileLock> {
  const lock = await tryFileLock(path.join(home, 'up.lock'));
  if (lock) return lock;
  const other = await readInstance(home);
  const who = other ? ` (pid ${other.owner.pid})` : '';
  throw new MainspringError('ALREADY_RUNNING', `Mainspring is already running on ${home}${who}.`, {
    fix: 'Use it (mainspring info), stop it (mainspring down), or set MAINSPRING_HOME.',
  });
}
