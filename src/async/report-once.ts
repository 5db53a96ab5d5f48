import { type Logger } from 'pino';
import { reportOf } from '../base/errors';

/** Awaits work whose failure must not propagate. */
export type ReportOnce = <Value>(work: Promise<Value>) => Promise<Value | undefined>;

/** Logs a failure once for as long as the work fails in the same way, and logs its recovery: a full disk stays full for long. */
export function reportOnce(logger: Pick<Logger, 'info' | 'warn'>, what: string): ReportOnce {
  let problem: string | undefined;
  return async (work) => {
    try {
      const value = await work;
      if (problem !== undefined) logger.info(`${what} works again`);
      problem = undefined;
      return value;
    } catch (error) {
      const { message } = reportOf(error);
      if (message !== problem) logger.warn({ error }, `${what} failed: ${message}`);
      problem = message;
      return undefined;
    }
  };
}
