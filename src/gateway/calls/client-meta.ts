import { RpcError } from '../rpc';
import { type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Limit of the data that a client sends about itself when it initializes. */
const MAX_CLIENT_TEXT_BYTES = 64 * 1024;

/**
 * Member of `_meta` with a client's key for a call: the same key gives the same result and never
 * runs twice.
 */
export const IDEMPOTENCY_KEY = 'mainspring/idempotencyKey';

/** Members of `_meta` between the client and Mainspring, which are not passed on to servers. */
const HOP_MEMBERS = /^(?:progressToken$|mainspring\/|io\.modelcontextprotocol\/)/;

/**
 * Returns the `_meta` for the server, or undefined if nothing in it is for the server.
 *
 * @throws RpcError when it is too large to go with a call
 */
export function metaForServer(meta: JsonObject): JsonObject | undefined {
  const members = Object.entries(meta).filter(([name]) => !HOP_MEMBERS.test(name));
  if (members.length === 0) return undefined;
  const forwarded = Object.fromEntries(members);
  checkClientText('_meta', forwarded);
  return forwarded;
}

/**
 * Limits data of a client that is sent with every call. @throws RpcError above
 * MAX_CLIENT_TEXT_BYTES
 */
export function checkClientText(what: string, value: JsonObject): void {
  if (Buffer.byteLength(JSON.stringify(value)) <= MAX_CLIENT_TEXT_BYTES) return;
  const message = `${what} has more than ${MAX_CLIENT_TEXT_BYTES} bytes`;
  throw new RpcError(RPC.invalidParams, message);
}

/** @throws RpcError when it is not text */
export function idempotencyKeyOf(meta: JsonObject): string | undefined {
  const key = meta[IDEMPOTENCY_KEY];
  if (key === undefined || (typeof key === 'string' && key !== '')) return key;
  throw new RpcError(RPC.invalidParams, `_meta["${IDEMPOTENCY_KEY}"] must be a string`);
}
