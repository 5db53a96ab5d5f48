import { type EndpointView } from '../endpoint/endpoint-view';
import { type Operations } from '../operations';
import { RpcError } from '../rpc';
import { type Countable } from '../usage';
import { isModernTaskMethod, type ModernTasks } from '../tasks/modern-tasks';
import { canFollowTasks } from '../tasks/tasks';
import { complete } from './complete';
import { discover, modernCapabilities } from './discover';
import { type Listening } from './listening';
import { type ModernRequest, RoundExchange } from './mrtr-round';
import { type MultiRoundRequests } from './mrtr';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC, type RpcRequest } from '../../base/jsonrpc';

export interface RequestsDeps {
  operations: Operations;
  tasks: ModernTasks;
  rounds: MultiRoundRequests;
  listening: Listening;
  /** MCP Implementation. */
  serverInfo: JsonObject;
}

/** Answers a request; rejects with RpcError. */
export type Answer = (request: ModernRequest) => Promise<JsonObject>;

/** Capability of an endpoint that each method needs. */
const CAPABILITY: Readonly<Record<string, string>> = {
  'tools/list': 'tools',
  'tools/call': 'tools',
  'prompts/list': 'prompts',
  'prompts/get': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resources',
  'resources/read': 'resources',
  'completion/complete': 'completions',
};
const WITH_ROUNDS: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Methods of 2026-07-28 for the current state of an endpoint. */
export class Requests {
  constructor(private readonly deps: RequestsDeps) {}

  /** @throws RpcError -32601 when the endpoint has no such method */
  find(view: EndpointView, request: ModernRequest): Answer {
    const answer = this.#find(view, request);
    if (!answer) throw new RpcError(RPC.methodNotFound, 'Method not found');
    return async (asked) => {
      const isRetry = asked.params.requestState !== undefined;
      const result = await answer(asked);
      return complete(asked.method, result, this.deps.serverInfo, { isRetry });
    };
  }

  #find(view: EndpointView, { method, caller, params }: ModernRequest): Answer | undefined {
    const { operations, rounds, tasks, listening } = this.deps;
    if (method === 'server/discover') return async () => discover(view, caller.scope);
    if (method === 'subscriptions/listen') return (request) => listening.listen(view, request);
    if (isModernTaskMethod(method)) {
      return (request) => tasks.handle(new RoundExchange(request), method, request.params);
    }
    const capability = Object.hasOwn(CAPABILITY, method) ? CAPABILITY[method] : undefined;
    if (capability === undefined || !(capability in modernCapabilities(view, caller.scope))) {
      return undefined;
    }
    if (!WITH_ROUNDS.has(method)) {
      return (request) => operations.handle(new RoundExchange(request), method, request.params);
    }
    const asTask = canFollowTasks(caller) && isLong(view, method, params);
    return (request) => rounds.answer(request, asTask);
  }
}

/** Returns the counter for a request until it is answered. */
export function countedAs({ method }: Pick<RpcRequest, 'method'>): Countable {
  return method === 'subscriptions/listen' ? 'streams' : 'requests';
}

/** Whether the server declares that the tool can run as a task, which is meant for long calls. */
function isLong(view: EndpointView, method: string, { name }: JsonObject): boolean {
  if (method !== 'tools/call' || typeof name !== 'string') return false;
  const execution = view.tool(name)?.definition.execution;
  if (!isJsonObject(execution)) return false;
  return execution.taskSupport === 'optional' || execution.taskSupport === 'required';
}
