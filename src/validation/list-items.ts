import { type LiveConnection } from '../mcp/session/live-connection';
import { requestOnce } from './request-once';
import { type JsonObject } from '../base/json';
import { MAX_LIST_PAGES } from '../mcp/lists/listing';
import { RPC } from '../base/jsonrpc';

/** Unchecked entry of a list. */
export type ListItem = JsonObject;

/**
 * Fetches all pages of a list. Resolves with `unsupported` if the server does not know the method;
 * throws if a page is not valid.
 */
export async function listItems(
  connection: LiveConnection,
  method: string,
  member: string,
  signal: AbortSignal,
): Promise<ListItem[] | 'unsupported'> {
  const items: ListItem[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let page = 1; page <= MAX_LIST_PAGES; page++) {
    const params: JsonObject = cursor === undefined ? {} : { cursor };
    const reply = await requestOnce(connection, method, params, { signal });
    if (reply.kind === 'error') {
      if (reply.code === RPC.methodNotFound && page === 1) return 'unsupported';
      throw new Error(`${method} returned error ${reply.code}: ${reply.message}`);
    }
    items.push(...itemsOf(reply.result, method, member));
    const { nextCursor } = reply.result;
    if (nextCursor === undefined || nextCursor === null || nextCursor === '') return items;
    if (typeof nextCursor !== 'string') throw new Error(`${method}: the cursor must be a string`);
    if (cursors.has(nextCursor)) throw new Error(`${method} returned the same cursor twice`);
    cursors.add(nextCursor);
    cursor = nextCursor;
  }
  throw new Error(`${method} did not end after ${MAX_LIST_PAGES} pages`);
}

function itemsOf(result: JsonObject, method: string, member: string): ListItem[] {
  const items = result[member];
  if (!Array.isArray(items)) throw new Error(`${method}: the result has no array "${member}"`);
  return items.map((item, index) => {
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) return item;
    throw new Error(`${method}: entry ${index + 1} of "${member}" is not an object`);
  });
}
