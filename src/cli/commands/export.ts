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
    .argument('[names...]', 'servers; default all')
    .addOption(
      new Option('--for <program>', 'who shall read it')
        .choices([...EXPORT_TARGETS])
        .makeOptionMandatory(),
    )
    .option('--gateway', 'Mainspring itself as the one server, in place of each')
    .option('--output <file>', 'write it there instead of printing it')
    .option('--overwrite', 'also when there is such a file')
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
        if (options.gateway) output.progress(NO_GATEWAY_YET);
        if (options.output !== undefined) {
          await save(options.output, content, options.overwrite ?? false);
        }
        const answer = { for: options.for, warnings, ...shown(content, options) };
        output.answer(answer, textFor(content, options.output));
        return EXIT.ok;
      }),
    );

const NO_GATEWAY_YET =
  'This version has no "mainspring stdio" yet; the entry will work from the version on that has it.';

/** For programs: JSON as what it is, anything else as text. */
function shown(content: Exported['content'], { output: file }: Options) {
  if (file !== undefined || !('text' in content)) return { file };
  const isJson = content.text.startsWith('{');
  const document: unknown = isJson ? JSON.parse(content.text) : content.text;
  return { document };
}

function textFor(content: Exported['content'], file: string | undefined): string {
  if (file !== undefined) return `Wrote ${file}.`;
  if ('text' in content) return content.text.trimEnd();
  throw new MainspringError('WRONG_USAGE', 'A bundle is a file and cannot be printed.', {
    fix: 'Say where to put it: --output <file>.mcpb.',
  });
}

async function save(file: string, content: Exported['content'], overwrite: boolean): Promise<void> {
  const { saveExport } = await import('../../offline/export-servers.js');
  await saveExport(file, content, { overwrite });
}
