import {
  type EmbeddedTemporal,
  type EmbeddedTemporalOptions,
  startEmbeddedTemporal,
  TemporalExited,
} from './embedded';
import { choosePort } from './ports';

/**
 * Each start uses other ports: Temporal takes three more than it is given, and a chosen port may be
 * taken before it is used.
 */
const MAX_STARTS = 3;

export interface FreePortsOptions extends EmbeddedTemporalOptions {
  /** Called with a line for the user. */
  onProgress: (line: string) => void;
  /** Once aborted, nothing is started anymore. */
  signal: AbortSignal;
}

/**
 * Starts the embedded Temporal on `port` and `uiPort`, or on the next free ports, and retries with
 * others if it exits before it is ready. Resolves with the ports that are used.
 *
 * @throws MainspringError TEMPORAL_FAILED with the output of the last start
 */
export async function startOnFreePorts({
  onProgress,
  signal,
  ...options
}: FreePortsOptions): Promise<{ temporal: EmbeddedTemporal; port: number; uiPort: number }> {
  for (let starts = 1; ; starts++) {
    const port = await choosePort(options.port, options.ip);
    const uiPort = await choosePort(options.uiPort, options.ip);
    signal.throwIfAborted();
    try {
      return { temporal: await startEmbeddedTemporal({ ...options, port, uiPort }), port, uiPort };
    } catch (error) {
      if (!(error instanceof TemporalExited) || signal.aborted || starts === MAX_STARTS)
        throw error;
      onProgress(`${error.message.split('\n', 1).join()}; starting it again.`);
    }
  }
}
