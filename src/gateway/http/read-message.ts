import { isRpcId } from '../rpc';
import { isJsonObject } from '../../base/json';
import { type RpcId, type RpcMessage } from '../../base/jsonrpc';

/**
 * Returns the value as a JSON-RPC message of MCP (params are an object, IDs are not null);
 * undefined if it is none.
 */
export function readMessage(value: unknown): RpcMessage | undefined {
  return isMessage(value) ? value : undefined;
}

/** Returns the ID for the answer to this value, or null. */
export function idOf(value: unknown): RpcId | null {
  return isJsonObject(value) && isRpcId(value['id']) ? value['id'] : null;
}

/** Hand-written: a schema costs more than everything else on this path. */
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
