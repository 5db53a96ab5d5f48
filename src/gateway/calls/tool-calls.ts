import { randomUUID } from 'node:crypto';
import { type CallHandle } from '../../client/internal';
import { type CallOutcome } from '../../domain/calls/calls';
import { argumentsWith } from '../../domain/endpoint/profiles';
import { type ExposedTool, type EndpointView } from '../endpoint/endpoint-view';
import { idempotencyKeyOf, metaForServer } from './client-meta';
import { type GatewayDeps } from '../deps';
import { type Exchange } from '../exchange';
import { followed, startedFrom } from './follow';
import { type Started, type StartOptions, unknown } from './started';
import { callResult } from './outcomes';
import { rewriteUris } from '../endpoint/rewrite-uris';
import { RpcError } from '../rpc';
import { originOf } from './forward-request';
import { searchCall } from '../endpoint/tool-search';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Calls a tool by its name at the endpoint. */
export async function startCall(
  deps: GatewayDeps,
  exchange: Exchange,
  params: JsonObject,
  options: StartOptions,
): Promise<Started> {
  const view = await deps.catalogues.view(exchange.caller.scope);
  const { name, arguments: given = {} } = params;
  if (typeof name !== 'string') throw new RpcError(RPC.invalidParams, '"name" must be a string');
  if (!isJsonObject(given)) throw new RpcError(RPC.invalidParams, '"arguments" must be an object');
  const search = searchCall(view, name, given);
  if (search && 'result' in search) return ownResult(search.result);
  const tool = search?.tool ?? view.tool(name);
  if (!tool) throw unknown(`tool: ${JSON.stringify(name)}`);
  const args = argumentsWith(tool, search?.arguments ?? given);
  return submit(deps, exchange, view, tool, args, options);
}

export async function resumeCall(
  deps: GatewayDeps,
  exchange: Exchange,
  callId: string,
): Promise<Started> {
  const handle = await deps.client.calls.get(callId);
  if (handle.principal !== exchange.caller.principal) throw unknown('call');
  const view = await deps.catalogues.view(exchange.caller.scope);
  const { era } = exchange.caller;
  return startedFrom(deps, exchange, view, handle, (outcome) => callResult(outcome, era));
}

/** Returns a call that Mainspring itself has answered. */
function ownResult(result: JsonObject): Started {
  return { callId: '', server: '', result: async () => result, cancel: async () => undefined };
}

async function submit(
  deps: GatewayDeps,
  exchange: Exchange,
  view: EndpointView,
  { server, tool }: ExposedTool,
  args: JsonObject,
  { durable = false }: StartOptions,
): Promise<Started> {
  const { caller, meta } = exchange;
  const forServer = metaForServer(meta);
  // A call with its own key goes through Temporal.
  const idempotencyKey = idempotencyKeyOf(meta) ?? (durable ? randomUUID() : undefined);
  const follow = followed(deps, exchange);
  let handle: CallHandle | undefined;
  let markBegun: () => void = () => undefined;
  let markRefused: (error: unknown) => void = () => undefined;
  const begun = new Promise<void>((resolve, reject) => {
    markBegun = resolve;
    markRefused = reject;
  });
  const ended: Promise<CallOutcome> = follow.until(
    deps.client.callTool(server, tool, args, {
      principal: caller.principal,
      origin: originOf(deps, exchange),
      ...(forServer && { meta: forServer }),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      signal: exchange.signal,
      onId: (id) => follow.as(id),
      onSend: markBegun,
      onStart: (started) => {
        handle = started;
        markBegun();
      },
    }),
  );
  const result = ended.then((outcome) =>
    rewriteUris(callResult(outcome, caller.era), view, server),
  );
  result.catch(() => undefined); // rejections reach those who wait for the result
  ended.then(markBegun, markRefused);
  await begun;
  return {
    callId: handle?.id ?? '',
    server,
    result: () => result,
    cancel: async (reason) => handle?.cancel(reason),
  };
}
