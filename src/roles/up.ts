import { ensureHome } from '../config';
import { type Instance } from '../offline/instance';
import { MainspringError } from '../base/errors';
import { sweepUp } from '../process/sweep';
import { ownParts } from './part-owner';
import { Parts, type PartsOptions } from './parts';
import { lockHome } from './up-lock';

export interface UpOptions extends PartsOptions {
  /** Prepares what has to be in the data directory before any part reads it. */
  prepare: () => Promise<void>;
}

export interface RunningInstance {
  readonly instance: Instance;
  /** Announces that the servers are known to Temporal: from now on they can be used. */
  markReady(): Promise<void>;
  /** Stops every part, in order; the servers come back with the next start. */
  stop(): Promise<void>;
}

/** Starts the parts of an instance as child processes and keeps them running. */
export async function startInstance(options: UpOptions): Promise<RunningInstance> {
  const { settings, signal, onProgress } = options;
  const { home } = settings;
  await ensureHome(home);
  const lock = await lockHome(home);
  const swept = await sweepUp(home);
  if (swept.length > 0) {
    onProgress(
      `Ended processes left behind by the previous instance: ${swept.map(({ server }) => server).join(', ')}`,
    );
  }
  const owner = ownParts(home);
  const parts = new Parts(options, owner);
  const undo = async () => {
    await parts.stop();
    await owner.close();
    lock.release();
  };
  try {
    await unlessInterrupted(signal, async () => {
      await options.prepare();
      signal.throwIfAborted();
      if (options.roles.has('temporal')) await parts.startTemporal();
      signal.throwIfAborted();
      await parts.startRoles();
    });
    return { instance: parts.instance(), markReady: () => parts.markReady(), stop: undo };
  } catch (error) {
    await undo();
    throw error;
  }
}

async function unlessInterrupted(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const interrupted = new Promise<never>((_, reject) => {
    const interrupt = () =>
      reject(new MainspringError('START_INTERRUPTED', 'Interrupted during startup.'));
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
  });
  await Promise.race([work(), interrupted]);
}
