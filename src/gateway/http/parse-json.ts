import { isUtf8 } from 'node:buffer';
import { MAX_JSON_DEPTH } from '../../domain/limits';
import { RPC, RpcError } from '../rpc';

/** @throws RpcError -32700 for what is no JSON, or so deep that whoever writes it again could fail */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new RpcError(RPC.parseError, 'Parse error: this is not UTF-8.');
  if (isTooDeep(bytes)) {
    const message = `Parse error: there are more than ${MAX_JSON_DEPTH} levels in this JSON.`;
    throw new RpcError(RPC.parseError, message);
  }
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new RpcError(RPC.parseError, 'Parse error: this is not JSON.');
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Brackets and braces differ in this bit only. */
const BRACE_BIT = 0x20;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/** Before it is parsed, so that a hostile message costs nothing but this look at it. */
function isTooDeep(bytes: Buffer): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (isInText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isInText = false;
    } else if (byte === QUOTE) {
      isInText = true;
    } else {
      const bracket = byte & ~BRACE_BIT;
      if (bracket === OPENING) depth += 1;
      else if (bracket === CLOSING) depth -= 1;
      if (depth > MAX_JSON_DEPTH) return true;
    }
  }
  return false;
}
