import {
  type EmbeddedTemporal,
  type EmbeddedTemporalOptions,
  startEmbeddedTemporal,
  TemporalExited,
} from './embedded';
import { choosePort } from './ports';

/** Each with other ports: Temporal takes three more than it is given, and between the choice and the use of one it may be taken. */
const MAX_STARTS = 3;

export interface FreePortsOptions extends EmbeddedTemporalOptions {
  /** A line for a person. */
  onProgress: (line: string) => void;
  /** Nothing is started any more once it has fired. */
  signal: AbortSignal;
}

/**
 * Starts the embedded Temporal on `port` and `uiPort`, or on the next ports that are free, and again with others when it exits
 * before it answers. Resolves with the ports that it got.
 *
 * @throws MainspringError TEMPORAL_FAILED with the last words of the last start
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
