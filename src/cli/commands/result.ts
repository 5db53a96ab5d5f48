import { defineCommand, type GlobalOptions, type Run } from '../command';
import { exitCodeOf } from '../exit-codes';
import { renderOutcome } from '../text/outcome-text';

export const result = (run: Run) =>
  defineCommand(
    'result',
    'Wait for the result of a call and print it',
    'mainspring result <call-id>',
  )
    .argument('<call-id>', 'ID of the call, as printed by call --async and calls')
    .action((id: string, options: GlobalOptions) =>
      run(options, ({ withClient, output }) =>
        withClient(async ({ calls }) => {
          const handle = await calls.get(id);
          output.spin(`Waiting for ${id}…`);
          const outcome = await handle.result();
          output.answer(outcome, renderOutcome(outcome));
          return exitCodeOf(outcome.outcome);
        }),
      ),
    );
