import { IDEMPOTENCY_KEY } from '../calls/client-meta';
import { isJsonObject } from '../../base/json';
import { type RpcRequest } from '../../base/jsonrpc';

/**
 * The request with a key of its own, when it is a tool call without one: then it can be sent again without running twice. What
 * goes on with a call (MRTR) is left alone, for the call has its key already.
 */
export function withKey(request: RpcRequest, newKey: () => string): RpcRequest {
  const { method, params = {} } = request;
  if (method !== 'tools/call' || 'requestState' in params || 'inputResponses' in params) {
    return request;
  }
  const meta = params['_meta'] ?? {};
  if (!isJsonObject(meta) || meta[IDEMPOTENCY_KEY] !== undefined) return request;
  return { ...request, params: { ...params, _meta: { ...meta, [IDEMPOTENCY_KEY]: newKey() } } };
}
