import { setTimeout as sleep } from 'node:timers/promises';
import { type Guard } from '../process/guard';
import {
  type EmbeddedTemporal,
  type EmbeddedTemporalOptions,
  startEmbeddedTemporal,
} from '../temporal/embedded';

const RETRY_MS = 1_000;

export interface TemporalRole {
  readonly address: string;
  readonly uiUrl: string | undefined;
  /** Undefined while it is being started again. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/** Runs the embedded Temporal, on the same ports and database again whenever it dies. */
export async function keepTemporal(
  options: EmbeddedTemporalOptions,
  guard: Guard,
  hooks: { onChange: () => void; onExit: (how: string) => void },
): Promise<TemporalRole> {
  let isStopping = false;
  let current: EmbeddedTemporal | undefined = await start();
  const { address, uiUrl } = current;
  void keep(current);

  async function start(): Promise<EmbeddedTemporal> {
    const started = await startEmbeddedTemporal({
      ...options,
      onSpawn: (pid) => guard.watch(pid),
    });
    void started.exited.then(() => guard.release(started.pid));
    return started;
  }

  async function keep(running: EmbeddedTemporal): Promise<void> {
    const { code, signal } = await running.exited;
    if (isStopping) return;
    current = undefined;
    hooks.onExit(signal ?? `code ${code}`);
    hooks.onChange();
    while (!isStopping && !current) {
      current = await start().catch((error: unknown) => {
        hooks.onExit(String(error));
        return undefined;
      });
      if (!current) await sleep(RETRY_MS);
    }
    hooks.onChange();
    if (current) void keep(current);
  }

  return {
    address,
    uiUrl,
    get pid() {
      return current?.pid;
    },
    async stop() {
      isStopping = true;
      await current?.stop();
    },
  };
}
