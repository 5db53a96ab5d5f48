import MiniSearch from 'minisearch';
import { isJsonObject, type JsonObject } from '../../base/json';

/** Tool in a form that can be searched. */
export interface Searchable {
  /** Name at the endpoint. */
  name: string;
  server: string;
  /** MCP Tool. */
  definition: JsonObject;
}

export interface ToolIndex<Item extends Searchable> {
  /** Returns the best matches first; empty if no word matches. */
  search(words: string, limit: number): Item[];
}

/** A word in a name is more significant than one in a description. */
const WEIGHTS = { name: 4, title: 3, arguments: 1.5, description: 1 };
/** Shorter words have to match exactly: "a" begins too many others. */
const MIN_PREFIX_LENGTH = 3;
/** Shorter words are too similar to each other to be matched with typos. */
const MIN_FUZZY_LENGTH = 5;
/** Allowed edits per character. */
const FUZZINESS = 0.2;

/**
 * Creates an index of tools by the words in their names, titles, descriptions and arguments (BM25,
 * prefixes, small typos).
 */
export function toolIndex<Item extends Searchable>(items: readonly Item[]): ToolIndex<Item> {
  const index = new MiniSearch({
    fields: Object.keys(WEIGHTS),
    tokenize: wordsOf,
    processTerm: (term) => term,
    searchOptions: {
      boost: WEIGHTS,
      prefix: (term) => term.length >= MIN_PREFIX_LENGTH,
      fuzzy: (term) => (term.length >= MIN_FUZZY_LENGTH ? FUZZINESS : false),
    },
  });
  index.addAll(items.map((item, id) => ({ id, ...textsOf(item) })));
  return {
    search(words, limit) {
      const found = index.search(words).slice(0, limit);
      return found.flatMap(({ id }) => (typeof id === 'number' ? (items[id] ?? []) : []));
    },
  };
}

/** Splits text into words: `readHTTPFile_v2` gives read, http, file, v, 2. */
export function wordsOf(text: string): string[] {
  const parted = text
    .normalize('NFKC')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replace(/(\p{L})(\p{N})/gu, '$1 $2');
  return parted.toLowerCase().match(/\p{L}[\p{L}\p{M}]*|\p{N}+/gu) ?? [];
}

function textsOf({ name, definition }: Searchable): Record<keyof typeof WEIGHTS, string> {
  const { title, description, inputSchema } = definition;
  const properties = isJsonObject(inputSchema) ? inputSchema['properties'] : undefined;
  return {
    name,
    title: typeof title === 'string' ? title : '',
    description: typeof description === 'string' ? description : '',
    arguments: Object.keys(isJsonObject(properties) ? properties : {}).join(' '),
  };
}
