import { setTimeout as sleep } from 'node:timers/promises';
import { type Servers } from '../../client/servers/servers';
import { MainspringError } from '../../base/errors';
import { isUnreachable } from '../../domain/entity/restart';
import { type ServerState } from '../../domain/states';
import { type ServerStatus } from '../../domain/servers/status';
import { unlessInterrupted } from '../interrupt';

const POLL_MS = 250;
const ON_THE_WAY: readonly ServerState[] = ['INSTALLING', 'STARTING', 'BACKOFF', 'RECOVERING'];

/**
 * Starts a server, unless it was started already, and waits until it runs, however long its first installation takes.
 * Resolves to whether it had to be started; throws why it does not run, or COMMAND_INTERRUPTED.
 */
export async function startSettled(
  servers: Servers,
  name: string,
  interrupted: AbortSignal,
): Promise<boolean> {
  let status = await unlessInterrupted(servers.get(name), interrupted);
  const hasToStart = status && status.state !== 'RUNNING' && !ON_THE_WAY.includes(status.state);
  if (hasToStart) status = await unlessInterrupted(servers.start(name), interrupted);
  const isOnTheWay = (now: ServerStatus) => ON_THE_WAY.includes(now.state) && !isUnreachable(now);
  while (status && isOnTheWay(status) && !interrupted.aborted) {
    await sleep(POLL_MS);
    status = await unlessInterrupted(servers.get(name), interrupted);
  }
  if (!status || interrupted.aborted) {
    throw new MainspringError('COMMAND_INTERRUPTED', 'Interrupted.');
  }
  const { state, error, reason } = status;
  if (state === 'RUNNING') return hasToStart === true;
  if (error) throw new MainspringError(error.code, error.message, { fix: error.fix });
  throw new MainspringError('START_TIMEOUT', `"${name}" is ${state}: ${reason}.`);
}
