import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, readInstance } from '../../client/instance';
import { MainspringError } from '../../domain/errors';
import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';

const POLL_MS = 50;
/** Above what `up` gives its parts. */
const LIMIT_MS = 60_000;

export const down = (run: Run) =>
  defineCommand(
    'down',
    'stop the running instance; its servers come back with the next up',
    'mainspring down',
  ).action((options: GlobalOptions) =>
    run(options, async ({ settings, output }) => {
      const { home } = settings();
      const instance = await readInstance(home);
      if (!instance) {
        throw new MainspringError(
          'NOT_RUNNING',
          `No Mainspring runs on the data directory ${home}.`,
          {
            fix: 'Nothing to stop.',
          },
        );
      }
      const { owner } = instance;
      const spinner = output.spin('Stopping …');
      process.kill(owner.pid, 'SIGTERM');
      const giveUpAt = Date.now() + LIMIT_MS;
      while (isRunning(instance) && Date.now() < giveUpAt) await sleep(POLL_MS);
      spinner.stop();
      if (isRunning(instance)) {
        const message = `Mainspring (pid ${owner.pid}) has not stopped within ${LIMIT_MS / 1000} s.`;
        throw new MainspringError('INTERNAL_ERROR', message, { fix: `Read ${home}/logs.` });
      }
      output.answer({ stopped: owner.pid }, 'Stopped. Its servers come back with the next up.');
      return EXIT.ok;
    }),
  );
