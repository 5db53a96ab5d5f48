import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedTemporal, startEmbeddedTemporal } from '../../temporal/embedded';
import { type FreePortsOptions, startOnFreePorts } from '../../temporal/start-on-free-ports';
import { prepareDatabase } from '../../temporal/visibility-indexes';

const RETRY_MS = 1_000;

export interface TemporalRole {
  readonly address: string;
  readonly uiUrl: string | undefined;
  /** Undefined while it is being restarted. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export interface TemporalRoleOptions extends FreePortsOptions {
  onChange: () => void;
}

/** Runs the embedded Temporal, on the same ports and database again whenever it dies. */
export async function keepTemporal(options: TemporalRoleOptions): Promise<TemporalRole> {
  const { onChange, onProgress, logFile } = options;
  await prepareDatabase(options);
  const { temporal: first, port, uiPort } = await startOnFreePorts(options);
  const { address, uiUrl } = first;
  let isStopping = false;
  let current: EmbeddedTemporal | undefined = first;
  const sayEnd = (how: string) =>
    onProgress(`Temporal exited (${how}) and is being restarted. See ${logFile}`);
  void keep(first);

  async function keep(running: EmbeddedTemporal): Promise<void> {
    const { code, signal } = await running.exited;
    if (isStopping) return;
    current = undefined;
    sayEnd(signal ?? `exit code ${code}`);
    onChange();
    while (!isStopping && !current) {
      current = await startEmbeddedTemporal({ ...options, port, uiPort }).catch(
        (error: unknown) => {
          sayEnd(String(error));
          return undefined;
        },
      );
      if (!current) await sleep(RETRY_MS);
    }
    onChange();
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
