import { IDEMPOTENCY_KEY } from '../calls/client-meta';
import { isJsonObject } from '../../base/json';
import { type RpcRequest } from '../../base/jsonrpc';

/**
 * Adds an idempotency key to a tool call without one, so that it can be sent again without running
 * twice. The continuation of a call (MRTR) stays unchanged, because the call already has its key.
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
