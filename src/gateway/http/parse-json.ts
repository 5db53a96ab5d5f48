import { isUtf8 } from 'node:buffer';
import { ForeignJsonError, parseForeignJson } from '../../domain/foreign-json';
import { RPC, RpcError } from '../rpc';

/** @throws RpcError -32700 for what is no JSON, or so deep that whoever writes it again could fail */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new RpcError(RPC.parseError, 'Parse error: the message is not UTF-8.');
  try {
    return parseForeignJson(bytes.toString());
  } catch (error) {
    if (!(error instanceof ForeignJsonError)) throw error;
    throw new RpcError(RPC.parseError, `Parse error: the message ${error.message}.`);
  }
}
