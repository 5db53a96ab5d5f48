import { setImmediate as othersFirst } from 'node:timers/promises';
import {
  type Client,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  type StandardSchemaV1,
} from '@modelcontextprotocol/client';
import { MainspringError } from '../../base/errors';
import { KeptFlaws, type ListFlaw } from '../../domain/catalogue/list-flaws';
import { type Listed, PROMPTS, RESOURCES, takeItem, TEMPLATES } from './listed-items';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Maximum number of pages of a list; later ones are dropped. */
export const MAX_LIST_PAGES = 1_000;
const MAX_LIST_ITEMS = 20_000;
/** Maximum number of items that are read, including invalid and repeated ones. */
export const MAX_INSPECTED_ITEMS = 100_000;
const MAX_LIST_CHARACTERS = 64 * 1024 * 1024;
/** Time after which no more pages are requested. */
const MAX_LIST_MS = 120_000;

/** Time limit of one page. */
const LIST_TIMEOUT_MS = 30_000;
/** A server may filter pages after building them, but not forever. */
const MAX_PAGES_WITHOUT_NEWS = 10;

/** Accepts every result unchanged: the caller gets exactly what the server sent. */
export const ANY_RESULT: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'mainspring', validate: (value) => ({ value }) },
};

/** Valid items of a list, and the flaws of the others. */
export interface Listing<Item> {
  items: Item[];
  flaws: ListFlaw[];
  /** Reason why the list is incomplete; an earlier list may have more. */
  brokenOff?: string;
}

/** The server answered, but not with a list. */
export class NoList extends MainspringError {
  constructor(
    { method }: Pick<Listed, 'method'>,
    why: string,
    readonly isUnknownMethod = false,
  ) {
    super('HANDSHAKE_FAILED', `${method} ${why}`);
  }
}

export interface ListOptions {
  signal?: AbortSignal;
  /** Called for each page received. */
  onPage?: () => void;
}

/** Lists of a server beside its tools; a list that failed is absent. */
export interface ResourcesAndPrompts {
  resources?: JsonObject[];
  templates?: JsonObject[];
  prompts?: JsonObject[];
  flaws: ListFlaw[];
}

/** Fetches all lists that the server has declared. */
export async function listResourcesAndPrompts(
  client: Client,
  capabilities: JsonObject,
  onFailure: (message: string) => void,
): Promise<ResourcesAndPrompts> {
  const flaws = new KeptFlaws();
  const list = async (listed: Listed, capability: string) => {
    if (capabilities[capability] === undefined) return [];
    try {
      const { items, brokenOff, ...found } = await listAll(client, listed);
      found.flaws.forEach((flaw) => flaws.add(flaw));
      if (brokenOff === undefined) return items;
      onFailure(brokenOff);
    } catch (error) {
      // The capability does not guarantee templates.
      if (listed === TEMPLATES && error instanceof NoList && error.isUnknownMethod) return [];
      onFailure(error instanceof Error ? error.message : String(error));
    }
    return undefined;
  };
  const resources = await list(RESOURCES, 'resources');
  const templates = await list(TEMPLATES, 'resources');
  const prompts = await list(PROMPTS, 'prompts');
  return {
    ...(resources && { resources }),
    ...(templates && { templates }),
    ...(prompts && { prompts }),
    flaws: flaws.all,
  };
}

/**
 * Fetches all pages of a list. An invalid item affects only itself; every valid item is exactly as
 * the server sent it.
 *
 * @throws NoList when the result cannot be used at all; MainspringError HANDSHAKE_TIMEOUT
 */
export async function listAll(
  client: Client,
  listed: Listed,
  { signal, onPage }: ListOptions = {},
): Promise<Listing<JsonObject>> {
  const list = new GrowingList(listed);
  let cursor: string | undefined;
  for (let page = 1; ; page++) {
    let next: string | undefined;
    try {
      const result = await requestPage(client, listed, cursor, signal);
      onPage?.();
      await list.take(result);
      next = list.next(result, page);
    } catch (error) {
      if (page === 1 || !(error instanceof MainspringError)) throw error;
      return { ...list.listing, brokenOff: `page ${page} of ${error.message}` };
    }
    if (next === undefined) return list.listing;
    cursor = next;
  }
}

class GrowingList {
  readonly #items = new Map<string, JsonObject>();
  readonly #flaws = new KeptFlaws();
  readonly #cursors = new Set<string>();
  #seen = 0;
  #characters = 0;
  #pagesWithoutNews = 0;
  /** Minimum number of entries in the list, set once the rest is dropped. */
  #cutAt: number | undefined;
  readonly #startedAtMs = performance.now();

  constructor(private readonly listed: Listed) {}

  get listing(): Listing<JsonObject> {
    return { items: [...this.#items.values()], flaws: this.#flaws.all };
  }

  async take(result: unknown): Promise<void> {
    const { member, noun } = this.listed;
    const items = isJsonObject(result) ? result[member] : undefined;
    if (items === null) this.#note(`returned null for "${member}" (treated as an empty list)`);
    else if (!Array.isArray(items)) {
      throw new NoList(this.listed, `returned no list of "${member}"`);
    }
    const before = this.#items.size;
    const repeated = new KeptFlaws();
    for (const value of items ?? []) {
      if (this.#seen >= MAX_INSPECTED_ITEMS) {
        this.#cutAt ??= this.#seen;
        break;
      }
      this.#seen += 1;
      const { item, key = '', flaws } = takeItem(this.listed, value, this.#seen);
      flaws.forEach((flaw) => this.#flaws.add(flaw));
      if (item && this.#items.has(key)) {
        const text = `the ${noun} ${JSON.stringify(key)} is listed more than once (the first one is used)`;
        repeated.add({ item: key, text });
      } else if (item && !this.#isFull) {
        this.#items.set(key, item);
        this.#characters += JSON.stringify(item).length;
      } else if (item) this.#cutAt ??= this.#items.size;
      await othersFirst(); // lists may be long, and checking schemas takes time
    }
    const isNew = this.#items.size > before;
    this.#pagesWithoutNews = isNew ? 0 : this.#pagesWithoutNews + 1;
    // The repeated items of a page that was sent before are not reported one by one.
    if (isNew) this.#flaws.join(repeated);
  }

  /** Returns the cursor of the next page, or undefined at the end or at a limit. */
  next(result: unknown, page: number): string | undefined {
    const cursor = isJsonObject(result) ? result['nextCursor'] : undefined;
    if (this.#cutAt !== undefined) {
      this.#note(`returned more than ${this.#cutAt} entries (the rest was dropped)`);
      return undefined;
    }
    if (cursor === undefined || cursor === null || cursor === '') return undefined;
    const why = this.#whyLast(cursor, page);
    if (typeof cursor !== 'string' || why !== undefined) {
      this.#note(`${why ?? ''} (the list ends there)`);
      return undefined;
    }
    this.#cursors.add(cursor);
    return cursor;
  }

  get #isFull(): boolean {
    return this.#items.size >= MAX_LIST_ITEMS || this.#characters >= MAX_LIST_CHARACTERS;
  }

  #whyLast(cursor: unknown, page: number): string | undefined {
    if (typeof cursor !== 'string') return 'returned a cursor that is not a string';
    if (this.#cursors.has(cursor)) return `returned the cursor ${JSON.stringify(cursor)} again`;
    if (this.#isFull) return `returned more than ${this.#items.size} entries`;
    if (performance.now() - this.#startedAtMs > MAX_LIST_MS) return `took over ${MAX_LIST_MS} ms`;
    if (page >= MAX_LIST_PAGES) return `did not end after ${MAX_LIST_PAGES} pages`;
    if (this.#pagesWithoutNews < MAX_PAGES_WITHOUT_NEWS) return undefined;
    return `returned ${MAX_PAGES_WITHOUT_NEWS} pages without anything new`;
  }

  #note(text: string): void {
    this.#flaws.add({ text: `${this.listed.method} ${text}` });
  }
}

async function requestPage(
  client: Client,
  listed: Listed,
  cursor: string | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const { method } = listed;
  const params = cursor === undefined ? {} : { cursor };
  const timeouts = { timeout: LIST_TIMEOUT_MS, maxTotalTimeout: LIST_TIMEOUT_MS };
  try {
    return await client.request({ method, params }, ANY_RESULT, {
      ...timeouts,
      ...(signal && { signal }),
    });
  } catch (error) {
    if (error instanceof ProtocolError) {
      const why = `returned an error: ${error.message} (${error.code})`;
      throw new NoList(listed, why, error.code === RPC.methodNotFound);
    }
    if (!(error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)) throw error;
    const message = `${method} got no response within ${LIST_TIMEOUT_MS} ms`;
    throw new MainspringError('HANDSHAKE_TIMEOUT', message, { cause: error });
  }
}
