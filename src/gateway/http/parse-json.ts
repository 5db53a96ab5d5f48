import { isUtf8 } from 'node:buffer';
import { withoutByteOrderMark } from '../../base/byte-order-mark';
import { ForeignJsonError, parseForeignJson } from '../../base/foreign-json';
import { RpcError } from '../rpc';
import { RPC } from '../../base/jsonrpc';

/**
 * @throws RpcError -32700 for input that is not JSON, that is nested too deeply to be serialised
 *   again, or that has a number that JavaScript reads as Infinity and a server would get as null
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new RpcError(RPC.parseError, 'Parse error: the message is not UTF-8.');
  const value = parsed(withoutByteOrderMark(bytes.toString()));
  if (hasInfinity(value)) {
    throw new RpcError(RPC.parseError, 'Parse error: the message has a number that is too large.');
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return parseForeignJson(text);
  } catch (error) {
    if (!(error instanceof ForeignJsonError)) throw error;
    throw new RpcError(RPC.parseError, `Parse error: the message ${error.message}.`);
  }
}

/** The depth has been limited before. */
function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasInfinity);
  for (const member of Object.values(value)) if (hasInfinity(member)) return true;
  return false;
}
