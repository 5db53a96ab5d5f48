import { type ResultStore } from '../../store/store';
import { type JsonObject } from '../../base/json';
import { type RpcErrorObject } from '../../base/jsonrpc';

/** Answer as it came through Temporal. */
interface KeptAnswer {
  result?: JsonObject;
  resultRef?: string;
  rpcError?: RpcErrorObject;
  rpcErrorRef?: string;
}

/** Answer itself; neither member is there when the store does not have it anymore. */
export interface StoredAnswer {
  result?: JsonObject | undefined;
  rpcError?: RpcErrorObject | undefined;
}

/** Returns a server's answer, read from the store where it was too large for Temporal. Throws STORE_FAILED. */
export async function storedAnswer(
  { result, resultRef, rpcError, rpcErrorRef }: KeptAnswer,
  results: Pick<ResultStore, 'get'>,
): Promise<StoredAnswer> {
  if (resultRef !== undefined) return { result: await results.get(resultRef) };
  if (rpcErrorRef === undefined) return { result, rpcError };
  return { rpcError: rpcErrorIn(await results.get(rpcErrorRef)) };
}

function rpcErrorIn(stored: JsonObject | undefined): RpcErrorObject | undefined {
  const { code, message, data } = stored ?? {};
  if (typeof code !== 'number' || typeof message !== 'string') return undefined;
  return { code, message, ...(data !== undefined && { data }) };
}
