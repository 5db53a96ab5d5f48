import { type JsonObject } from '../src/domain/calls';
import { MAX_INLINE_RESULT_BYTES } from '../src/domain/limits';
import { type ResultStore } from '../src/store/store';

/** A result as it goes through Temporal: itself, or a reference to it in the store. */
export async function storedWhenLarge(
  results: Pick<ResultStore, 'put'>,
  ref: string,
  result: JsonObject,
): Promise<{ result: JsonObject } | { resultRef: string }> {
  if (Buffer.byteLength(JSON.stringify(result)) <= MAX_INLINE_RESULT_BYTES) return { result };
  await results.put(ref, result);
  return { resultRef: ref };
}
