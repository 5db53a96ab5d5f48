import { type InputRequest, type InputRequestMethod, type InputResponse } from './input-requests';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Returns the response for a server whose request a client with these MCP ClientCapabilities cannot receive; undefined when it can. */
export function declinedFor(
  { method, params }: Pick<InputRequest, 'method' | 'params'>,
  capabilities: JsonObject,
): InputResponse | undefined {
  return canReceive(capabilities, method, params) ? undefined : declined(method);
}

/** Whether a client with these MCP ClientCapabilities can receive this request. */
function canReceive(
  capabilities: JsonObject,
  method: InputRequestMethod,
  params: JsonObject,
): boolean {
  switch (method) {
    case 'roots/list':
      return isJsonObject(capabilities['roots']);
    case 'sampling/createMessage': {
      const { sampling } = capabilities;
      const needsTools = params['tools'] !== undefined || params['toolChoice'] !== undefined;
      return isJsonObject(sampling) && (!needsTools || isJsonObject(sampling['tools']));
    }
    case 'elicitation/create': {
      const { elicitation } = capabilities;
      if (!isJsonObject(elicitation)) return false;
      if (params['mode'] === 'url') return isJsonObject(elicitation['url']);
      // Before 2025-11-25 there were only forms, without a capability of their own.
      return isJsonObject(elicitation['form']) || !isJsonObject(elicitation['url']);
    }
  }
}

/** Returns what a server gets when there is no client that can receive its request. */
export function declined(method: InputRequestMethod): InputResponse {
  switch (method) {
    case 'roots/list':
      return { result: { roots: [] } };
    case 'elicitation/create':
      return { result: { action: 'decline' } };
    case 'sampling/createMessage':
      return {
        error: { code: RPC.userRejected, message: 'No client here accepts sampling requests.' },
      };
  }
}

/** Returns what a server gets when the client has not answered its request. */
export function unanswered(method: InputRequestMethod, why: string): InputResponse {
  switch (method) {
    case 'roots/list':
      return { error: { code: RPC.internalError, message: why } };
    case 'elicitation/create':
      return { result: { action: 'cancel' } };
    case 'sampling/createMessage':
      return { error: { code: RPC.userRejected, message: why } };
  }
}
