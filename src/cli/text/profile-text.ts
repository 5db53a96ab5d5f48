import { type Profile } from '../../offline/profiles';
import { type ExposedTool, type Exposure } from '../../client/listings/profile-content';
import { renderTable } from './table';
import { visible } from './visible';

/** Renders what clients of a profile see, where it comes from, and what they do not see. */
export function profileText(
  name: string,
  { search = false }: Profile,
  { tools, prompts, resources, templates, leftOut, warnings }: Exposure,
  fancy: boolean,
): string {
  const found = search ? ', found through search_tools' : '';
  const uris = [...resources, ...templates];
  return [
    `Profile ${name}: ${count(tools.length, 'tool')}${found}`,
    section(
      ['Tool', 'Server', 'Original name', 'Note'],
      tools.map((tool) => toolRow(tool, search !== false)),
      fancy,
    ),
    section(
      ['Prompt', 'Server', 'Original name'],
      prompts.map(({ name: prompt, server, prompt: original }) => [
        prompt,
        server,
        visible(original),
      ]),
      fancy,
    ),
    section(
      ['Resource', 'Server'],
      uris.map(({ uri, server }) => [visible(uri), server]),
      fancy,
    ),
    section(
      ['Not included', 'Reason'],
      leftOut.map(({ server, tool, why }) => [
        visible(tool === undefined ? server : `${server}/${tool}`),
        visible(why),
      ]),
      fancy,
    ),
    warnings.map((warning) => `Warning: ${visible(warning)}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function toolRow(tool: ExposedTool, searches: boolean): string[] {
  const { name, server, tool: original, pinned = {}, defaults = {}, hidden = [], always } = tool;
  const said = (values: object, between: string) =>
    Object.entries(values).map(
      ([argument, value]) => `${argument}${between}${JSON.stringify(value)}`,
    );
  const unset = hidden.filter((argument) => !Object.hasOwn({ ...defaults, ...pinned }, argument));
  const notes = [
    ...(searches && always ? ['always listed'] : []),
    ...said(pinned, '='),
    ...said(defaults, ' defaults to '),
    ...unset.map((argument) => `without ${argument}`),
  ];
  return [name, server, visible(original), visible(notes.join(', '))];
}

function section(head: string[], rows: string[][], fancy: boolean): string {
  return rows.length > 0 ? renderTable(head, rows, fancy) : '';
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
