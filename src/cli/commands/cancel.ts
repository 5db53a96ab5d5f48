import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring cancel <call-id>')
    .argument('<call-id>', 'ID of the call, as printed by call --async and calls')
    .action((id: string, options: GlobalOptions) =>
      run(options, ({ withClient, output }) =>
        withClient(async ({ calls }) => {
          const handle = await calls.get(id);
          const before = await handle.status();
          output.spin('Cancelling…');
          if (before !== 'ended') await handle.cancel();
          const outcome = await handle.result();
          const text =
            before === 'ended'
              ? `The call had already ended: ${outcome.outcome}.`
              : `The call ended: ${outcome.outcome}.`;
          output.answer(outcome, text);
          return EXIT.ok;
        }),
      ),
    );
