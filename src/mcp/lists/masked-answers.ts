import { isForPrograms } from '../../domain/catalogue/program-members';
import { type Mask, maskedJson } from '../../process/mask';
import { type ResourcesAndPrompts } from './listing';
import { type ServerFacts } from '../session/server-facts';
import { type JsonObject } from '../../base/json';
import { RPC, type RpcErrorObject } from '../../base/jsonrpc';

/**
 * Masks the texts that clients and people read, which may repeat secrets of the server. Values for
 * programs stay unchanged.
 */
export function maskedFacts(facts: ServerFacts, mask: Mask): ServerFacts {
  const { serverInfo, capabilities, instructions } = facts;
  return {
    ...facts,
    serverInfo: maskedJson(serverInfo, mask, isForPrograms),
    capabilities: maskedJson(capabilities, mask, isForPrograms),
    ...(instructions !== undefined && { instructions: mask(instructions) }),
  };
}

/**
 * Masks the descriptions of the lists. Names and URIs stay unchanged, because clients send them
 * back.
 */
export function maskedLists(offered: ResourcesAndPrompts, mask: Mask): ResourcesAndPrompts {
  const { resources, templates, prompts, flaws } = offered;
  const masked = (items: JsonObject[], isKept: (member: string) => boolean) =>
    items.map((item) => maskedJson(item, mask, isKept));
  const isNamed = (member: string) => member === 'name' || isForPrograms(member);
  return {
    ...(resources && { resources: masked(resources, isForPrograms) }),
    ...(templates && { templates: masked(templates, isForPrograms) }),
    ...(prompts && { prompts: masked(prompts, isNamed) }),
    flaws: flaws.map((flaw) => ({ ...flaw, text: mask(flaw.text) })),
  };
}

/**
 * Masks a server's error, which is shown and stored, completely except for URLs that the client
 * must open.
 */
export function maskedRpcError(error: RpcErrorObject, mask: Mask): RpcErrorObject {
  const { code, message, data } = error;
  const isKept = code === RPC.urlElicitationRequired ? isForPrograms : undefined;
  return {
    code,
    message: mask(message),
    ...(data !== undefined && { data: maskedJson(data, mask, isKept) }),
  };
}
