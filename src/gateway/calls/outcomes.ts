import { type CallOutcome } from '../../domain/calls/calls';
import { type RequestOutcome } from '../../domain/calls/requests';
import { type Era } from '../exchange';
import { readableResult } from './readable-result';
import { RpcError } from '../rpc';
import { type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/**
 * Returns the result of a call for its client: the server's result, as far as clients can read it.
 * Arguments that do not fit give a result with `isError`, so that a model can correct them
 * (2025-11-25, SEP-1303). Everything else is an error whose data tells whether the tool may have
 * run.
 */
export function callResult(outcome: CallOutcome, era: Era): JsonObject {
  const { result, rpcError, error, callId } = outcome;
  if (result) return readableResult(result, era);
  if (rpcError) throw new RpcError(rpcError.code, rpcError.message, rpcError.data);
  if (!error) throw new RpcError(RPC.internalError, 'The call ended without a result.');
  const { code, message, fix } = error;
  if (code === 'INVALID_ARGUMENTS')
    return { content: [{ type: 'text', text: message }], isError: true };
  if (code === 'UNKNOWN_TOOL') throw new RpcError(RPC.invalidParams, message);
  const data = { code, outcome: outcome.outcome, fix, ...(callId !== '' && { callId }) };
  throw new RpcError(RPC.serverError, message, data);
}

/** Returns the result of any other request for its client. */
export function requestResult(outcome: RequestOutcome): JsonObject {
  if ('result' in outcome) return outcome.result;
  if ('rpcError' in outcome) {
    const { code, message, data } = outcome.rpcError;
    throw new RpcError(code, message, data);
  }
  const { code, message, fix } = outcome.error;
  throw new RpcError(RPC.serverError, message, { code, fix });
}
