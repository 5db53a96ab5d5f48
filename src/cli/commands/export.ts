import { Option } from 'commander';
import { type Exported, type ExportTarget } from '../../offline/export-servers';
import { EXPORT_TARGETS } from '../../domain/programs/config-programs';
import { MainspringError } from '../../base/errors';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

interface Options extends GlobalOptions {
  for: ExportTarget;
  gateway?: boolean;
  output?: string;
  overwrite?: boolean;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring export --for cursor --output .cursor/mcp.json')
    .argument('[names...]', 'Names of the servers (default: all)')
    .addOption(
      new Option('--for <program>', 'Target program')
        .choices([...EXPORT_TARGETS])
        .makeOptionMandatory(),
    )
    .option('--gateway', 'Export Mainspring as a single server that provides all of them')
    .option('--output <file>', 'Write to a file instead of stdout')
    .option('--overwrite', 'Overwrite an existing file')
    .action((names: string[], options: Options) =>
      run(options, async ({ output, settings }) => {
        const { exportInventory } = await import('../../offline/export-servers.js');
        const { content, warnings } = await exportInventory(settings().home, {
          target: options.for,
          names,
          gateway: options.gateway ?? false,
          file: options.output,
        });
        for (const warning of warnings) output.progress(`Warning: ${warning}`);
        if (options.output !== undefined) {
          await save(options.output, content, options.overwrite ?? false);
        }
        const answer = { for: options.for, warnings, ...shown(content, options) };
        output.answer(answer, textFor(content, options.output));
        return EXIT.ok;
      }),
    );

/** Returns the content for programs: JSON as what it is, anything else as text. */
function shown(content: Exported['content'], { output: file }: Options) {
  if (file !== undefined || !('text' in content)) return { file };
  const isJson = content.text.startsWith('{');
  const document: unknown = isJson ? JSON.parse(content.text) : content.text;
  return { document };
}

function textFor(content: Exported['content'], file: string | undefined): string {
  if (file !== undefined) return `Wrote ${file}.`;
  if ('text' in content) return content.text.trimEnd();
  throw new MainspringError('WRONG_USAGE', 'A bundle cannot be printed to stdout.', {
    fix: 'Write it to a file: --output <file>.mcpb.',
  });
}

async function save(file: string, content: Exported['content'], overwrite: boolean): Promise<void> {
  const { saveExport } = await import('../../offline/export-servers.js');
  await saveExport(file, content, { overwrite });
}
