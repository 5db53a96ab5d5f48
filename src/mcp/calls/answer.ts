import { CallError } from './call-error';
import { classOfRpcCode } from './classify-error';
import { type Answer } from '../wire/request-observer';
import { isJsonObject, type Json, type JsonObject } from '../../base/json';

/** Returns the result as the server sent it, or its error as a CallError. */
export function resultOf(answer: Answer): JsonObject | CallError {
  if ('error' in answer) {
    const { code, message, data } = answer.error;
    const rpc = { code, ...(isJson(data) && { data }) };
    return new CallError('rejected', message, { rpc, errorClass: classOfRpcCode(code) });
  }
  const { result } = answer;
  if (!isJsonObject(result)) {
    return new CallError('lost', 'the result is not an object', { errorClass: 'protocol' });
  }
  return result;
}

/** Frames come from JSON.parse, so everything in them except `undefined` is JSON. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}
