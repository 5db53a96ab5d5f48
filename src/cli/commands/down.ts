import { setTimeout as sleep } from 'node:timers/promises';
import { MainspringError } from '../../base/errors';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

const POLL_MS = 50;
/** Longest wait, above what `up` gives its parts: 35 s to each role, one after the other, and 10 s to Temporal. */
const LIMIT_MS = 150_000;

export const define: Define = (command, run) =>
  withExample(command, 'mainspring down').action((options: GlobalOptions) =>
    run(options, async ({ settings, instance, output }) => {
      const { isRunning } = await import('../../offline/instance.js');
      const running = await instance();
      const { pid } = running.owner;
      output.spin('Stopping…');
      process.kill(pid, 'SIGTERM');
      const giveUpAt = Date.now() + LIMIT_MS;
      while (isRunning(running) && Date.now() < giveUpAt) await sleep(POLL_MS);
      if (isRunning(running)) {
        const message = `Mainspring (pid ${pid}) did not stop within ${LIMIT_MS / 1000} s.`;
        const fix = `Check the logs in ${settings().home}/logs. To force it and its servers to stop: kill -9 ${pid}.`;
        throw new MainspringError('STOP_TIMEOUT', message, { fix });
      }
      output.answer(
        { stopped: pid },
        'Stopped. Servers that were running start again on the next `up`.',
      );
      return EXIT.ok;
    }),
  );
