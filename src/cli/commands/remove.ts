import { existsSync } from 'node:fs';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring remove files')
    .argument('<name>', 'Name of the server')
    .action((name: string, options: GlobalOptions) =>
      run(options, ({ withClient, output, trace }) =>
        withClient(async ({ servers }) => {
          output.spin(`Removing ${name}…`);
          const file = await servers.remove(name, { correlationId: trace.correlationId });
          output.answer(
            { removed: name, ...(file !== undefined && { file }), ...trace.end() },
            file !== undefined && existsSync(file) ? fileText(name, file) : `Removed ${name}.`,
          );
          return EXIT.ok;
        }),
      ),
    );

function fileText(name: string, file: string): string {
  return [
    `Removed ${name}. It is still in ${file}, but will be skipped when that file is reloaded.`,
    `To add it again: mainspring import ${file}`,
  ].join('\n');
}
