import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

interface TemplatesOptions extends GlobalOptions {
  tag?: string;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring templates postgres')
    .argument('[name]', 'Template to show with its parameters')
    .option('--tag <tag>', 'Filter by tag')
    .action((name: string | undefined, options: TemplatesOptions) =>
      run(options, (context) =>
        name === undefined ? listTemplates(context, options.tag) : showTemplate(context, name),
      ),
    );

async function listTemplates(
  { output, settings }: CommandContext,
  tag: string | undefined,
): Promise<number> {
  const { loadTemplates } = await import('../../offline/templates.js');
  const { renderTemplates } = await import('../text/template-text.js');
  const { templates: all, problems } = await loadTemplates(settings().home);
  const shown = tag === undefined ? all : all.filter(({ tags }) => tags.includes(tag));
  for (const { code, message } of problems) output.progress(`Warning: [${code}] ${message}`);
  const tags = [...new Set(all.flatMap((template) => template.tags))].sort().join(', ');
  const text =
    shown.length > 0
      ? renderTemplates(shown, output.fancy)
      : `No template has the tag "${tag}". Available tags: ${tags}.`;
  output.answer({ templates: shown, problems }, text);
  return EXIT.ok;
}

async function showTemplate({ output, settings }: CommandContext, name: string): Promise<number> {
  const { findTemplate } = await import('../../offline/templates.js');
  const { renderTemplate } = await import('../text/template-text.js');
  const template = await findTemplate(settings().home, name);
  output.answer(template, renderTemplate(template, output.fancy));
  return EXIT.ok;
}
