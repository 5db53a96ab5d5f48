import { ensureHome } from '../config';
import { type Instance } from '../offline/instance';
import { MainspringError } from '../base/errors';
import { sweepUp } from '../process/sweep';
import { ownParts } from './parts/part-owner';
import { Parts, type PartsOptions } from './parts/parts';
import { lockHome } from './up-lock';

export interface RunningInstance {
  readonly instance: Instance;
  /** Resolves when the servers have started or failed; rejects when they cannot be registered. */
  readonly settled: Promise<void>;
  /** Stops every part, in order; the servers come back with the next start. */
  stop(): Promise<void>;
}

/** Starts the parts of an instance as child processes and keeps them running. */
export async function startInstance(options: PartsOptions): Promise<RunningInstance> {
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
    await unlessInterrupted(signal, parts.start());
    if (!options.roles.has('worker')) await parts.markReady();
    return { instance: parts.instance(), settled: parts.settled, stop: undo };
  } catch (error) {
    await undo();
    throw error;
  }
}

async function unlessInterrupted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  const interrupted = new Promise<never>((_, reject) => {
    const interrupt = () =>
      reject(new MainspringError('START_INTERRUPTED', 'Interrupted during startup.'));
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
  });
  await Promise.race([work, interrupted]);
}
