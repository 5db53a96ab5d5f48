import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT, exitCodeOf } from '../exit-codes';
import { unlessInterrupted } from '../interrupt';
import { renderOutcome } from '../outcome-text';

export const result = (run: Run) =>
  defineCommand(
    'result',
    'wait for the result of a call, from any terminal',
    'mainspring result <call-id>',
  )
    .argument('<call-id>', 'as printed by call --async and calls')
    .action((id: string, options: GlobalOptions) =>
      run(options, ({ withClient, output, interrupted }) =>
        withClient(async ({ calls }) => {
          const handle = await calls.get(id);
          const spinner = output.spin(`Waiting for ${id} …`);
          const outcome = await unlessInterrupted(handle.result(), interrupted).finally(() =>
            spinner.stop(),
          );
          if (!outcome) return EXIT.interrupted;
          output.answer(outcome, renderOutcome(outcome));
          return exitCodeOf(outcome.outcome);
        }),
      ),
    );
