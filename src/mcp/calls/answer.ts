import { CallError } from './call-error';
import { classOfRpcCode } from './error-classes';
import { type Answer } from '../wire/request-observer';
import { isJsonObject, type Json, type JsonObject } from '../../base/json';

/** The result of an answer as the server sent it, or the error that it answered with. */
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

/** Frames come from JSON.parse, so that everything in them but `undefined` is JSON. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}
