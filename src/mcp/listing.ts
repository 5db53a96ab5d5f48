import { type Client, type StandardSchemaV1 } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '../domain/calls';
import { MainspringError } from '../domain/errors';
import { type ToolDefinition } from '../domain/tools';

const LIST_TIMEOUT_MS = 30_000;
const MAX_PAGES = 100;

/** Takes every result as it is: what the server sent is what the caller gets. */
export const ANY_RESULT: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'mainspring', validate: (value) => ({ value }) },
};

/** Something that servers list. */
interface Listed<Item> {
  method: string;
  /** The member of the result that holds the items. */
  member: string;
  /** What is wrong with an item that `isItem` refuses. */
  lacks: string;
  isItem: (value: unknown) => value is Item;
}

const hasText = (value: unknown, member: string) =>
  isJsonObject(value) && typeof value[member] === 'string';

export const TOOLS: Listed<ToolDefinition> = {
  ...{ method: 'tools/list', member: 'tools', lacks: 'no name or no input schema' },
  isItem: (value): value is ToolDefinition =>
    hasText(value, 'name') && isJsonObject(value) && isObject(value['inputSchema']),
};
const RESOURCES: Listed<JsonObject> = {
  ...{ method: 'resources/list', member: 'resources', lacks: 'no URI' },
  isItem: (value): value is JsonObject => hasText(value, 'uri'),
};
const TEMPLATES: Listed<JsonObject> = {
  ...{ method: 'resources/templates/list', member: 'resourceTemplates', lacks: 'no URI template' },
  isItem: (value): value is JsonObject => hasText(value, 'uriTemplate'),
};
const PROMPTS: Listed<JsonObject> = {
  ...{ method: 'prompts/list', member: 'prompts', lacks: 'no name' },
  isItem: (value): value is JsonObject => hasText(value, 'name'),
};

/** What a server offers beside tools. */
export interface Offered {
  resources: JsonObject[];
  templates: JsonObject[];
  prompts: JsonObject[];
}

/** All lists that the server has declared. One that fails is empty. */
export async function listOffered(
  client: Client,
  capabilities: JsonObject,
  onFailure: (message: string) => void,
): Promise<Offered> {
  const list = async (listed: Listed<JsonObject>, capability: string) => {
    if (capabilities[capability] === undefined) return [];
    return listAll(client, listed).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      onFailure(`${listed.method} failed: ${reason}`);
      return [];
    });
  };
  const resources = await list(RESOURCES, 'resources');
  const templates = await list(TEMPLATES, 'resources');
  return { resources, templates, prompts: await list(PROMPTS, 'prompts') };
}

/** All pages of a list, each item exactly as the server sent it; throws HANDSHAKE_FAILED for one that is not valid. */
export async function listAll<Item>(client: Client, listed: Listed<Item>): Promise<Item[]> {
  const items: Item[] = [];
  const timeouts = { timeout: LIST_TIMEOUT_MS, maxTotalTimeout: LIST_TIMEOUT_MS };
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const request = { method: listed.method, params: cursor === undefined ? {} : { cursor } };
    const result = await client.request(request, ANY_RESULT, timeouts);
    items.push(...itemsOf(result, listed));
    const next = isJsonObject(result) ? result['nextCursor'] : undefined;
    if (typeof next !== 'string') return items;
    cursor = next;
  }
  throw invalidList(listed, `it has more than ${MAX_PAGES} pages`);
}

function itemsOf<Item>(result: unknown, listed: Listed<Item>): Item[] {
  const { member, isItem, lacks } = listed;
  const items = isJsonObject(result) ? result[member] : undefined;
  if (items === undefined) throw invalidList(listed, `it has no member "${member}"`);
  if (!Array.isArray(items)) throw invalidList(listed, `"${member}" is not an array`);
  const all: unknown[] = items;
  const invalid = all.findIndex((item) => !isItem(item));
  if (invalid !== -1) throw invalidList(listed, `item ${invalid + 1} has ${lacks}`);
  return all.filter(isItem);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function invalidList({ method }: Pick<Listed<unknown>, 'method'>, reason: string): MainspringError {
  return new MainspringError('HANDSHAKE_FAILED', `the answer to ${method} is not valid: ${reason}`);
}
