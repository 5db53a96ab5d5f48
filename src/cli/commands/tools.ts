import { type ToolDefinition } from '../../domain/tools';
import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { renderTable } from '../table';

const MAX_DESCRIPTION_LENGTH = 80;

export const tools = (run: Run) =>
  defineCommand('tools', 'show the tools of a server', 'mainspring tools everything')
    .argument('<name>', 'server')
    .action((name: string, options: GlobalOptions) =>
      run(options, ({ withClient, output }) =>
        withClient(async (client) => {
          const found = await client.tools.list(name);
          const rows = found.map((tool) => [tool.name, parametersOf(tool), firstLine(tool)]);
          const head = ['Tool', 'Arguments', 'Description'];
          output.answer(found, renderTable(head, rows, output.fancy));
          return EXIT.ok;
        }),
      ),
    );

/** `path, [limit]`: optional ones in brackets. */
function parametersOf({ inputSchema }: ToolDefinition): string {
  const { properties, required } = inputSchema;
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name);
  return Object.keys(properties ?? {})
    .map((name) => (isRequired(name) ? name : `[${name}]`))
    .join(', ');
}

function firstLine({ description = '' }: ToolDefinition): string {
  const line = description.split('\n')[0] ?? '';
  return line.length > MAX_DESCRIPTION_LENGTH
    ? `${line.slice(0, MAX_DESCRIPTION_LENGTH - 1)}…`
    : line;
}
