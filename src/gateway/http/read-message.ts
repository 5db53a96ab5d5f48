import { isRpcId } from '../rpc';
import { isJsonObject } from '../../base/json';
import { type RpcId, type RpcMessage } from '../../base/jsonrpc';

/** The value as a JSON-RPC message of MCP (params are an object, ids no null); undefined when it is none. */
export function readMessage(value: unknown): RpcMessage | undefined {
  return isMessage(value) ? value : undefined;
}

/** The id that an answer to this value bears, as far as there is one. */
export function idOf(value: unknown): RpcId | null {
  return isJsonObject(value) && isRpcId(value['id']) ? value['id'] : null;
}

/** By hand: a schema costs more than everything else on this path. */
function isMessage(value: unknown): value is RpcMessage {
  if (!isJsonObject(value) || value['jsonrpc'] !== '2.0') return false;
  const { id, method, params, result, error } = value;
  if (method !== undefined) {
    return (
      typeof method === 'string' &&
      (id === undefined || isRpcId(id)) &&
      (params === undefined || isJsonObject(params))
    );
  }
  if (result !== undefined) return isRpcId(id) && isJsonObject(result) && error === undefined;
  return (isRpcId(id) || id === null) && isError(error);
}

function isError(error: unknown): boolean {
  return (
    isJsonObject(error) && Number.isInteger(error['code']) && typeof error['message'] === 'string'
  );
}
