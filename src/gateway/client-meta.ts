import { type JsonObject } from '../domain/calls';
import { RPC, RpcError } from './rpc';

/** Member of `_meta` by which a client names a call: the same key gives the same result and never runs twice. */
export const IDEMPOTENCY_KEY = 'mainspring/idempotencyKey';

/** What is between the client and Mainspring; servers get `_meta` without it. */
const OURS = /^(?:progressToken$|mainspring\/|io\.modelcontextprotocol\/)/;

/** `_meta` for the server, or undefined when nothing in it is for the server. */
export function metaForServer(meta: JsonObject): JsonObject | undefined {
  const members = Object.entries(meta).filter(([name]) => !OURS.test(name));
  return members.length > 0 ? Object.fromEntries(members) : undefined;
}

/** @throws RpcError when it is not text */
export function idempotencyKeyOf(meta: JsonObject): string | undefined {
  const key = meta[IDEMPOTENCY_KEY];
  if (key === undefined || (typeof key === 'string' && key !== '')) return key;
  throw new RpcError(RPC.invalidParams, `_meta["${IDEMPOTENCY_KEY}"] is not a text`);
}
