import { type Suggestion, type Suggestions } from '../../offline/templates';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { atLeastOne } from '../options/parse';
import { renderTable } from '../text/table';

const DEFAULT_LIMIT = 5;

interface SuggestOptions extends GlobalOptions {
  limit: number;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring suggest "review pull requests and query the warehouse"')
    .argument('<intent...>', 'What you want to do, in your own words')
    .option('--limit <n>', 'Maximum number of suggestions', atLeastOne, DEFAULT_LIMIT)
    .action((intent: string[], options: SuggestOptions) =>
      run(options, (context) => suggestTemplates(context, intent.join(' '), options.limit)),
    );

async function suggestTemplates(
  { output, settings }: CommandContext,
  intent: string,
  limit: number,
): Promise<number> {
  const client = await import('../../offline/templates.js');
  const { templates, problems } = await client.loadTemplates(settings().home);
  for (const { code, message } of problems) output.progress(`Warning: [${code}] ${message}`);
  const found = client.suggest(templates, intent, { limit });
  output.answer({ intent, ...found }, renderSuggestions(found, output.fancy));
  return EXIT.ok;
}

function renderSuggestions({ suggestions, unmatched }: Suggestions, fancy: boolean): string {
  const nothing = 'No matching templates. To list all templates: mainspring templates';
  const rows = suggestions.map((suggestion) => [
    suggestion.deprecated ? `${suggestion.name} (deprecated)` : suggestion.name,
    reasonOf(suggestion),
    suggestion.description,
  ]);
  const blocks = [
    rows.length > 0 ? renderTable(['Template', 'Matched', 'Description'], rows, fancy) : nothing,
  ];
  if (unmatched.length > 0) {
    const parts = unmatched.map((part) => `"${part}"`).join(', ');
    blocks.push(`No template matches ${parts}.`);
  }
  const [first] = suggestions;
  if (first) blocks.push(`To see the parameters: mainspring templates ${first.name}`);
  return blocks.join('\n\n');
}

function reasonOf({ because }: Suggestion): string {
  return because
    .map(({ word, matched }) => (word === matched ? word : `${word} → ${matched}`))
    .join(', ');
}
