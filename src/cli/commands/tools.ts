import { type ExposedTool } from '../../client/listings/profile-content';
import { MainspringError } from '../../base/errors';
import { uncheckedReason } from '../../domain/schemas/unchecked-tools';
import { type ToolDefinition, type UncheckedTool } from '../../domain/catalogue/tools';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { atLeastOne } from '../options/parse';
import { renderTable } from '../text/table';
import { visible } from '../text/visible';
import { isJsonObject, type JsonObject } from '../../base/json';

const MAX_DESCRIPTION_LENGTH = 80;
const DEFAULT_FOUND = 10;

interface ToolsOptions extends GlobalOptions {
  search?: string;
  limit: number;
}

export const define: Define = (command, run) =>
  withExample(command, "mainspring tools everything\n  $ mainspring tools --search 'create issue'")
    .argument('[name]', 'Name of the server (optional with --search)')
    .option('--search <words>', 'Search names, descriptions and arguments')
    .option('--limit <n>', 'Maximum number of search results', atLeastOne, DEFAULT_FOUND)
    .action((name: string | undefined, options: ToolsOptions) =>
      run(options, (context) => {
        if (options.search !== undefined)
          return searchTools(context, name, options.search, options);
        if (name !== undefined) return listTools(context, name);
        const message =
          'Expected a server name or --search: mainspring tools <name>, or mainspring tools --search <words>';
        throw new MainspringError('WRONG_USAGE', message);
      }),
    );

async function listTools({ withClient, output }: CommandContext, name: string): Promise<number> {
  return withClient(async (client) => {
    const found = await client.tools.list(name);
    const unchecked = await client.tools.unchecked(name);
    const flaws = await client.tools.flaws(name);
    const off = await client.tools.switchedOff(name);
    const rows = found.map((tool) => [visible(tool.name), argumentsOf(tool), firstLine(tool)]);
    const table = renderTable(['Tool', 'Arguments', 'Description'], rows, output.fancy);
    const notes = [
      ...unchecked.map((one) => `${one.tool}: arguments ${uncheckedReason(one)}`),
      ...[...off].map(([tool, why]) => `${tool}: hidden from clients: ${why}`),
    ].map(visible);
    output.answer(
      found.map((tool) => withReasons(tool, unchecked)),
      [table, ...notes].join('\n'),
    );
    // The one document of --json has room for tools only.
    for (const { text } of flaws) output.progress(visible(`Warning: ${text}`));
    return EXIT.ok;
  });
}

function withReasons(tool: ToolDefinition, unchecked: readonly UncheckedTool[]): ToolDefinition {
  const reasons = unchecked.filter((one) => one.tool === tool.name).map(uncheckedReason);
  return reasons.length > 0 ? { ...tool, unchecked: reasons } : tool;
}

async function searchTools(
  { withClient, output }: CommandContext,
  server: string | undefined,
  words: string,
  { limit }: ToolsOptions,
): Promise<number> {
  return withClient(async (client) => {
    if (server !== undefined) await client.servers.get(server); // one that there is not is a mistake
    const [{ fullContent: fullExposure }, { toolIndex }] = await Promise.all([
      import('../../client/listings/profile-content.js'),
      import('../../gateway/endpoint/tool-index.js'),
    ]);
    const all = (await fullExposure(client)).tools;
    const wanted = server === undefined ? all : all.filter((tool) => tool.server === server);
    const found = toolIndex(wanted).search(words, limit);
    const rows = found.map((one) => [
      ...[one.server, visible(one.tool)],
      ...[argumentsOf(one.definition), firstLine(one.definition)],
    ]);
    const text = renderTable(['Server', 'Tool', 'Arguments', 'Description'], rows, output.fancy);
    output.answer(
      found.map(foundOf),
      rows.length > 0 ? text : `No tools match "${visible(words)}".`,
    );
    return EXIT.ok;
  });
}

/** Returns a tool as clients of the endpoint of all servers see it, and where it comes from. */
function foundOf({ server, tool, definition }: ExposedTool): JsonObject {
  return { server, tool, ...definition };
}

/** `path, [limit]`: optional ones in brackets. */
function argumentsOf({ inputSchema }: Pick<ToolDefinition, 'inputSchema'> | JsonObject): string {
  const { properties, required } = isJsonObject(inputSchema) ? inputSchema : {};
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name);
  return Object.keys(isJsonObject(properties) ? properties : {})
    .map((name) => visible(isRequired(name) ? name : `[${name}]`))
    .join(', ');
}

function firstLine({ description }: { description?: unknown }): string {
  const line = visible(typeof description === 'string' ? (description.split('\n')[0] ?? '') : '');
  return line.length > MAX_DESCRIPTION_LENGTH
    ? `${line.slice(0, MAX_DESCRIPTION_LENGTH - 1)}…`
    : line;
}
