import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  INPUT_REQUEST_METHODS,
  type InputResponse,
} from '../../../src/domain/calls/input-requests';
import { inputRequestActivityId } from '../../../src/domain/names';
import { type EndpointViews } from '../../../src/gateway/endpoint/endpoint-view';
import { type Exchange } from '../../../src/gateway/exchange';
import { isListMethod, listPage } from '../../../src/gateway/endpoint/lists';
import { type Operations } from '../../../src/gateway/operations';
import { RpcError } from '../../../src/gateway/rpc';
import { isJsonObject, type JsonObject } from '../../../src/base/json';
import { RPC } from '../../../src/base/jsonrpc';

interface Call {
  callId: string;
  principal: string;
  tool: string;
  args: JsonObject;
  startedAtMs: number;
}

/**
 * Calls whose state is in files, as it is in Temporal: each process can go on with the calls of another one. The tools do what
 * their names say.
 */
export class TinyOperations implements Operations {
  /** Ids of calls that were cancelled here. */
  readonly cancelled: string[] = [];
  running = 0;

  constructor(
    private readonly folder: string,
    private readonly catalogues: EndpointViews,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  async handle(exchange: Exchange, method: string, params: JsonObject): Promise<JsonObject> {
    if (isListMethod(method))
      return listPage({ catalogues: this.catalogues }, exchange, method, params);
    throw new RpcError(RPC.methodNotFound, 'Method not found');
  }

  async start(exchange: Exchange, method: string, params: JsonObject) {
    if (method !== 'tools/call') {
      return { callId: '', server: 'tiny', result: async () => answerTo(method, params), cancel };
    }
    const { name, arguments: args } = params;
    const view = await this.catalogues.view(exchange.caller.scope);
    const tool = typeof name === 'string' ? view.tool(name)?.tool : undefined;
    if (tool === undefined) throw new RpcError(RPC.invalidParams, 'Unknown tool');
    const call: Call = {
      callId: `call-tiny-${Math.random()}`,
      principal: exchange.caller.principal,
      tool,
      args: isJsonObject(args) ? args : {},
      startedAtMs: Date.now(),
    };
    if (tool === 'echo') {
      const { progressToken: _, ...meta } = exchange.meta;
      const result = { ...text(JSON.stringify(call.args)), ...meta };
      return { callId: '', server: 'tiny', result: async () => result, cancel };
    }
    writeFileSync(this.#file(call.callId), JSON.stringify(call));
    return this.#started(exchange, call);
  }

  async resume(exchange: Exchange, callId: string) {
    const file = this.#file(callId);
    const call = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Call) : undefined;
    if (call?.principal !== exchange.caller.principal) {
      throw new RpcError(RPC.invalidParams, 'Unknown call');
    }
    return this.#started(exchange, call);
  }

  async answer(askId: string, answer: InputResponse): Promise<void> {
    if (!existsSync(this.#file(askId))) {
      writeFileSync(this.#file(askId), JSON.stringify(answer), { flag: 'wx' });
    }
  }

  #started(exchange: Exchange, call: Call) {
    const result = this.#run(exchange, call);
    result.catch(() => undefined);
    return { callId: call.callId, server: 'tiny', result: () => result, cancel };
  }

  async #run(exchange: Exchange, call: Call): Promise<JsonObject> {
    this.running += 1;
    exchange.signal.addEventListener('abort', () => this.cancelled.push(call.callId));
    try {
      return await this.#tool(exchange, call);
    } finally {
      this.running -= 1;
    }
  }

  async #tool(exchange: Exchange, call: Call): Promise<JsonObject> {
    const { signal } = exchange;
    const { ms = 0, steps = 3, method, params = {}, level = 'info' } = call.args;
    switch (call.tool) {
      case 'wait':
        await sleep(call.startedAtMs + Number(ms) - Date.now(), undefined, { signal });
        return text('waited');
      case 'progress':
        for (let step = 1; step <= Number(steps); step += 1) {
          exchange.notify('notifications/progress', { progress: step, total: Number(steps) });
          await sleep(Number(ms), undefined, { signal });
        }
        return text('done');
      case 'log':
        exchange.notify('notifications/message', { level, data: 'said' });
        return text('logged');
      case 'ask': {
        const askMethod = INPUT_REQUEST_METHODS.find((known) => known === method) ?? 'roots/list';
        const askId = inputRequestActivityId(call.callId, 1);
        const asked = exchange.requestInput({
          ...{ askId, callId: call.callId, server: 'tiny', method: askMethod },
          params: isJsonObject(params) ? params : {},
          ...{ createdAtMs: Date.now(), timeoutMs: Number(ms) || 60_000 },
        });
        const answer = await Promise.race([asked, this.#answered(askId, signal)]);
        return text(JSON.stringify(answer));
      }
      default:
        throw new RpcError(-32099, 'It failed', { why: 'it had to' });
    }
  }

  /** By another process, or by somebody else. */
  async #answered(askId: string, signal: AbortSignal): Promise<InputResponse> {
    while (!existsSync(this.#file(askId))) await sleep(20, undefined, { signal, ref: false });
    return JSON.parse(readFileSync(this.#file(askId), 'utf8')) as InputResponse;
  }

  #file(id: string): string {
    return path.join(this.folder, encodeURIComponent(id));
  }
}

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });
const cancel = async () => undefined;

function answerTo(method: string, params: JsonObject): JsonObject {
  switch (method) {
    case 'resources/read':
      return { contents: [{ uri: params.uri ?? null, text: 'one' }] };
    case 'prompts/get':
      return { messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }] };
    case 'completion/complete':
      return { completion: { values: ['a', 'b'] } };
    default:
      throw new RpcError(RPC.methodNotFound, 'Method not found');
  }
}
