import { type InputRequest, type InputRequestMethod, type InputResponse } from './input-requests';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** What a server gets in place of an answer from a client with these MCP ClientCapabilities; undefined when it can be asked. */
export function declinedFor(
  { method, params }: Pick<InputRequest, 'method' | 'params'>,
  capabilities: JsonObject,
): InputResponse | undefined {
  return canReceive(capabilities, method, params) ? undefined : declined(method);
}

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
      // Before 2025-11-25 there were only forms, and nothing was said of them.
      return isJsonObject(elicitation['form']) || !isJsonObject(elicitation['url']);
    }
  }
}

/** What a server gets when there is no client that it could ask. */
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

/** What a server gets when the client that it asked has not answered. */
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
