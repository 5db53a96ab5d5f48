import path from 'node:path';
import { MainspringError } from '../domain/errors';
import { lockFile } from './process-lock';

/** Makes this process the only `up` on a data directory; ALREADY_RUNNING names the other one. */
export async function lockHome(home: string): Promise<{ release(): Promise<void> }> {
  const lock = await lockFile(path.join(home, 'up.lock'));
  if ('release' in lock) return lock;
  throw new MainspringError(
    'ALREADY_RUNNING',
    `Mainspring runs already on ${home} (pid ${lock.heldBy.pid}).`,
    { fix: 'Use it (mainspring info), stop it (mainspring down), or set MAINSPRING_HOME.' },
  );
}
