import { type Define, type GlobalOptions, withExample } from '../command';
import { exitCodeOf } from '../exit-codes';
import { renderOutcome } from '../text/outcome-text';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring result <call-id>')
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
