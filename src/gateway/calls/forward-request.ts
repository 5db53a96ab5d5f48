import { type RequestMethod, REQUEST_METHODS } from '../../domain/calls/requests';
import { type EndpointView } from '../endpoint/endpoint-view';
import { metaForServer } from './client-meta';
import { type GatewayDeps } from '../deps';
import { type Exchange } from '../exchange';
import { type Started, unknown } from './started';
import { requestResult } from './outcomes';
import { RpcError } from '../rpc';
import { startedFrom } from './follow';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Request with its names as the server knows them. */
interface Target {
  server: string;
  params: JsonObject;
}

/** Sends `resources/read`, `prompts/get` or `completion/complete` to its server. */
export async function startRequest(
  deps: GatewayDeps,
  exchange: Exchange,
  method: string,
  { _meta, ...params }: JsonObject,
): Promise<Started> {
  if (!isRequestMethod(method)) throw new RpcError(RPC.methodNotFound, 'Method not found');
  const { caller, meta } = exchange;
  const view = await deps.catalogues.view(caller.scope);
  const { server, params: own } = targetOf(view, exchange, method, params);
  const forServer = metaForServer(meta);
  const handle = await deps.requests.start(server, method, own, {
    principal: caller.principal,
    origin: originOf(deps, exchange),
    ...(forServer && { meta: forServer }),
  });
  return startedFrom(deps, exchange, view, handle, requestResult);
}

export async function resumeRequest(
  deps: GatewayDeps,
  exchange: Exchange,
  id: string,
): Promise<Started> {
  const handle = await deps.requests.get(id);
  if (handle.principal !== exchange.caller.principal) throw unknown('request');
  const view = await deps.catalogues.view(exchange.caller.scope);
  return startedFrom(deps, exchange, view, handle, requestResult);
}

/** Returns the client to which the server may send input requests meanwhile. */
export function originOf({ gatewayId }: GatewayDeps, { caller }: Exchange) {
  const { session, capabilities, logLevel } = caller;
  return {
    gateway: gatewayId,
    capabilities,
    ...(session !== undefined && { session }),
    ...(logLevel !== undefined && { logLevel }),
  };
}

function targetOf(
  view: EndpointView,
  { caller }: Exchange,
  method: RequestMethod,
  params: JsonObject,
): Target {
  const resource = (uri: unknown) => {
    const found = typeof uri === 'string' ? view.resolve(uri) : undefined;
    if (found) return found;
    const code = caller.era === 'modern' ? RPC.invalidParams : RPC.resourceNotFound;
    throw new RpcError(code, 'Resource not found', { uri: typeof uri === 'string' ? uri : null });
  };
  const prompt = (name: unknown) => {
    const found = typeof name === 'string' ? view.prompt(name) : undefined;
    if (found) return found;
    throw unknown(`prompt: ${JSON.stringify(name)}`);
  };
  switch (method) {
    case 'resources/read': {
      const { server, original } = resource(params.uri);
      return { server, params: { ...params, uri: original } };
    }
    case 'prompts/get': {
      const { server, prompt: name } = prompt(params.name);
      return { server, params: { ...params, name } };
    }
    case 'completion/complete': {
      const { ref } = params;
      if (!isJsonObject(ref)) throw new RpcError(RPC.invalidParams, '"ref" is missing');
      if (ref.type === 'ref/resource') {
        const { server, original } = resource(ref.uri);
        return { server, params: { ...params, ref: { ...ref, uri: original } } };
      }
      const { server, prompt: name } = prompt(ref.name);
      return { server, params: { ...params, ref: { ...ref, name } } };
    }
  }
}

export function isRequestMethod(method: string): method is RequestMethod {
  return REQUEST_METHODS.some((known) => known === method);
}
