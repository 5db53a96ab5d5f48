import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';

export const remove = (run: Run) =>
  defineCommand('remove', 'stop a server and forget it', 'mainspring remove files')
    .argument('<name>', 'server')
    .action((name: string, options: GlobalOptions) =>
      run(options, ({ withClient, output, trace }) =>
        withClient(async ({ servers }) => {
          output.spin(`Removing ${name} …`);
          await servers.remove(name, { correlationId: trace.correlationId });
          output.answer({ removed: name, ...trace.end() }, `Removed ${name}.`);
          return EXIT.ok;
        }),
      ),
    );
