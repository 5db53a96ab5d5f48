import { writeSync } from 'node:fs';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import pino, { type DestinationStream, type Logger } from 'pino';
import { type Settings } from '../config';

/**
 * Drops a line that cannot be written: a log on a full disk, or one that nobody reads, must neither end nor stop the
 * role. Pino's own destination retries until it can, even when the process exits.
 */
const STDERR: DestinationStream = {
  write(line) {
    try {
      writeSync(process.stderr.fd, line);
    } catch {
      // There is no other place to report it.
    }
  },
};

/** Creates a logger of one role, on stderr: stdout belongs to the answer of a command. */
export function createLogger(role: string, { logLevel }: Settings): Logger {
  // The members that our code and the SDK put errors into.
  const serializers = { error: pino.stdSerializers.err, reason: pino.stdSerializers.err };
  const base = { pid: process.pid };
  return pino({ name: role, level: logLevel, base, serializers }, STDERR);
}

/** Installs the runtime, before anything of @temporalio/worker is used. We stop workers ourselves, in our own order. */
export function installTemporalRuntime(logger: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const log = level === 'ERROR' ? logger.error : logger.warn;
      log.call(logger, { ...meta }, message);
    }),
  });
}
