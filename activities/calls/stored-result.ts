import { type CallAnswer } from '../../src/domain/calls/calls';
import { jsonBytes } from './cut-result';
import { ERROR_FIXES, type ErrorReport, reportOf } from '../../src/base/errors';
import { type ResultStore } from '../../src/store/store';
import { type JsonObject } from '../../src/base/json';
import { type RpcErrorObject } from '../../src/base/jsonrpc';

/** Results above this go through the store (claim check): Temporal refuses payloads over 2 MiB. */
export const MAX_INLINE_RESULT_BYTES = 1_000_000;

export type ServerAnswer = { result: JsonObject } | { rpcError: RpcErrorObject };

type Kept = Pick<CallAnswer, 'result' | 'resultRef' | 'rpcError' | 'rpcErrorRef'>;

/**
 * Returns an answer as it goes through Temporal: itself, or a reference to it in the store. Never throws, because a
 * store that fails does not undo what the server did: `notStored` says why there is neither.
 */
export async function storedWhenLarge(
  results: Pick<ResultStore, 'put'>,
  ref: string,
  answer: ServerAnswer,
): Promise<Kept | { notStored: ErrorReport }> {
  const value = 'result' in answer ? answer.result : jsonOf(answer.rpcError);
  const bytes = jsonBytes(value);
  if (bytes <= MAX_INLINE_RESULT_BYTES) return answer;
  try {
    await results.put(ref, value);
    return 'result' in answer ? { resultRef: ref } : { rpcErrorRef: ref };
  } catch (error) {
    return { notStored: notStored(bytes, error) };
  }
}

function notStored(bytes: number, error: unknown): ErrorReport {
  const { message: reason } = reportOf(error);
  const size = Number.isFinite(bytes) ? ` of ${bytes} bytes` : '';
  const message = `The server's answer${size} could not be stored and was truncated: ${reason}`;
  return { code: 'RESULT_NOT_STORED', message, fix: ERROR_FIXES.RESULT_NOT_STORED };
}

function jsonOf({ code, message, data }: RpcErrorObject): JsonObject {
  return { code, message, ...(data !== undefined && { data }) };
}
