import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { startTrace } from '../lifecycle';

export const remove = (run: Run) =>
  defineCommand('remove', 'stop a server and forget it', 'mainspring remove files')
    .argument('<name>', 'server')
    .action((name: string, options: GlobalOptions) =>
      run(options, ({ withClient, output }) =>
        withClient(async ({ servers }) => {
          output.spin(`Removing ${name} …`);
          const traced = startTrace();
          await servers.remove(name, { correlationId: traced.correlationId });
          output.answer({ removed: name, ...traced.end() }, `Removed ${name}.`);
          return EXIT.ok;
        }),
      ),
    );
