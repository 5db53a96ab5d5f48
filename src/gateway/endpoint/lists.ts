import { legacyOutputSchema } from '../../domain/catalogue/repair-schema';
import { type EndpointView } from './endpoint-view';
import { type GatewayDeps } from '../deps';
import { type Era, type Exchange } from '../exchange';

import { RpcError, rpcErrorOf } from '../rpc';
import { SEARCH_DEFINITIONS } from './tool-search';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Definitions per answer: most clients never request a second page. */
const PAGE_SIZE = 1_000;

const LISTS = {
  'tools/list': { member: 'tools', of: toolsOf },
  'prompts/list': { member: 'prompts', of: ({ prompts }: EndpointView) => definitions(prompts) },
  'resources/list': {
    member: 'resources',
    of: ({ resources }: EndpointView) => definitions(resources),
  },
  'resources/templates/list': {
    member: 'resourceTemplates',
    of: ({ templates }: EndpointView) => definitions(templates),
  },
} as const;

type ListMethod = keyof typeof LISTS;

export function isListMethod(method: string): method is ListMethod {
  return Object.hasOwn(LISTS, method);
}

/** Returns one page of a list of an endpoint; no server is involved. */
export async function listPage(
  { catalogues }: Pick<GatewayDeps, 'catalogues'>,
  { caller }: Exchange,
  method: ListMethod,
  { cursor }: JsonObject,
): Promise<JsonObject> {
  const view = await catalogues.view(caller.scope).catch((error: unknown) => {
    throw rpcErrorOf(error);
  });
  const { member, of } = LISTS[method];
  const all = of(view, caller.era);
  const from = cursor === undefined ? 0 : offsetOf(cursor);
  const end = from + PAGE_SIZE;
  return {
    [member]: all.slice(from, end),
    ...(end < all.length && { nextCursor: cursorOf(end) }),
  };
}

function toolsOf({ tools, searches }: EndpointView, era: Era): JsonObject[] {
  const all = [...(searches ? SEARCH_DEFINITIONS : []), ...definitions(tools)];
  if (era === 'modern') return all.map(({ execution: _legacy, ...definition }) => definition);
  // Mainspring can run any tool as a task, whatever its server supports.
  return all.map((definition) => ({
    ...forLegacyClients(definition),
    execution: { taskSupport: 'optional' },
  }));
}

/**
 * Libraries of legacy clients refuse a whole list for one output schema that does not describe an
 * object.
 */
function forLegacyClients({ outputSchema, ...definition }: JsonObject): JsonObject {
  if (!isJsonObject(outputSchema)) return definition;
  const schema = legacyOutputSchema(outputSchema);
  return { ...definition, ...(schema && { outputSchema: schema }) };
}

function definitions(exposed: readonly { definition: JsonObject }[]): JsonObject[] {
  return exposed.map(({ definition }) => definition);
}

/**
 * Opaque to clients. Lists are sorted by name, so an offset stays valid while nothing is added
 * before it.
 */
function cursorOf(offset: number): string {
  return Buffer.from(`from ${offset}`).toString('base64url');
}

function offsetOf(cursor: unknown): number {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : '';
  const [, offset] = /^from (\d{1,9})$/.exec(text) ?? [];
  if (offset === undefined) throw new RpcError(RPC.invalidParams, 'Invalid cursor');
  return Number(offset);
}
