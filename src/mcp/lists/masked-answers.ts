import { isForPrograms } from '../../domain/catalogue/program-members';
import { type Mask, maskedJson } from '../../process/mask';
import { type Offered } from './listing';
import { type ServerFacts } from '../session/server-facts';
import { type JsonObject } from '../../base/json';
import { RPC, type RpcErrorObject } from '../../base/jsonrpc';

/** Clients and people read it, and it may repeat what the server was given. What programs go by stays as it is. */
export function maskedFacts(facts: ServerFacts, mask: Mask): ServerFacts {
  const { serverInfo, capabilities, instructions } = facts;
  return {
    ...facts,
    serverInfo: maskedJson(serverInfo, mask, isForPrograms),
    capabilities: maskedJson(capabilities, mask, isForPrograms),
    ...(instructions !== undefined && { instructions: mask(instructions) }),
  };
}

/** What a server lists, with masked descriptions. What a client asks for it by stays as it is: otherwise it could not. */
export function maskedOffer(offered: Offered, mask: Mask): Offered {
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

/** A server's error is shown and stored, and masked whole, but for the URLs that a client is to open. */
export function maskedRpcError(error: RpcErrorObject, mask: Mask): RpcErrorObject {
  const { code, message, data } = error;
  const isKept = code === RPC.urlElicitationRequired ? isForPrograms : undefined;
  return {
    code,
    message: mask(message),
    ...(data !== undefined && { data: maskedJson(data, mask, isKept) }),
  };
}
