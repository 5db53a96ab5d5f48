import { type InputResponse, type InputRequestMethod } from './input-requests';
import { isJsonObject, type JsonObject } from '../../base/json';

/** Code of MCP for sampling that the user has refused. */
const REFUSED = -1;
const INTERNAL_ERROR = -32603;

/** Whether a client with these MCP ClientCapabilities can be asked this. */
export function canReceive(
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
      return { error: { code: REFUSED, message: 'No client here accepts sampling requests.' } };
  }
}

/** What a server gets when the client that it asked has not answered. */
export function unanswered(method: InputRequestMethod, why: string): InputResponse {
  switch (method) {
    case 'roots/list':
      return { error: { code: INTERNAL_ERROR, message: why } };
    case 'elicitation/create':
      return { result: { action: 'cancel' } };
    case 'sampling/createMessage':
      return { error: { code: REFUSED, message: why } };
  }
}
