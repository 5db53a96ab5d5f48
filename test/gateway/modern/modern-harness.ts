import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import { type CallDescription } from '../../../src/client/calls/call-status';
import { type InputRequest } from '../../../src/domain/calls/input-requests';
import { MainspringError } from '../../../src/base/errors';
import { type GatewayPolicy, limitsOf } from '../../../src/domain/endpoint/gateway-policy';
import { inputRequestActivityId } from '../../../src/domain/names';
import { createFront, type Front } from '../../../src/gateway/http/front';
import { createModernEra, type ModernEra } from '../../../src/gateway/modern/modern-era';
import { Tasks, type TaskCalls } from '../../../src/gateway/tasks/tasks';
import { Usage } from '../../../src/gateway/usage';
import { openStore } from '../../../src/store/open-store';
import { TinyEra } from '../http/tiny-era';
import { TinySockets } from '../legacy/legacy-harness';
import { TinyCatalogues } from '../legacy/tiny-catalogues';
import { TinyOperations } from '../legacy/tiny-operations';
import { isJsonObject, type JsonObject } from '../../../src/base/json';
import { type RpcMessage } from '../../../src/base/jsonrpc';
import { OPEN_POLICY } from '../open-policy';

export interface ModernGateway {
  era: ModernEra;
  front: Front;
  usage: Usage;
  operations: TinyOperations;
  catalogues: TinyCatalogues;
  sockets: TinySockets;
  url: URL;
  /** The one that counts from now on. */
  setPolicy: (changed: Partial<GatewayPolicy>) => void;
  close(): Promise<void>;
}

/** A gateway of this era alone, behind the real front and with the real store; several may share a data directory. */
export async function startModern(
  home: string,
  { tasksAfterMs = 60_000, principal = 'local:test' } = {},
): Promise<ModernGateway> {
  const store = await openStore(home);
  const catalogues = new TinyCatalogues();
  const folder = path.join(home, 'calls');
  const operations = new TinyOperations(folder, catalogues);
  const sockets = new TinySockets();
  const calls = new TinyCalls(folder);
  const tasks = new Tasks({ operations, calls, store: store.gatewayTasks });
  let policy: GatewayPolicy = OPEN_POLICY;
  const usage = new Usage((who) => limitsOf(policy, who));
  const era = createModernEra({
    ...{ usage, operations, catalogues, sockets, tasks, tasksAfterMs, version: '1.2.3' },
    key: Buffer.alloc(32, 7),
    pendingInputRequests: async (callId) => (await calls.look(callId)).asks,
  });
  const front = createFront({
    ...{ eras: { legacy: new TinyEra(), modern: { ...era.http, ...era.duplex } } },
    ...{ host: '127.0.0.1', port: 0, principal, logger: pino({ level: 'silent' }) },
    ...{ usage, policy: () => policy },
  });
  const { port } = await front.listen();
  return {
    ...{ era, front, usage, operations, catalogues, sockets },
    setPolicy(changed) {
      policy = { ...policy, ...changed };
      front.policyChanged();
    },
    url: new URL(`http://127.0.0.1:${port}/mcp/s/tiny`),
    async close() {
      era.close();
      await front.close(0);
      await store.close();
    },
  };
}

/** How the calls of `TinyOperations` stand, as far as their files tell. */
export class TinyCalls implements TaskCalls {
  readonly #cancelled = new Set<string>();

  constructor(private readonly folder: string) {}

  async look(callId: string): Promise<CallDescription> {
    const file = this.#file(callId);
    if (!existsSync(file)) throw new MainspringError('UNKNOWN_CALL', `There is no call ${callId}.`);
    const call: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isJsonObject(call) || !isJsonObject(call.args)) throw new Error('no call');
    const { args } = call;
    const tool = call.tool as string;
    const principal = call.principal as string;
    const startedAtMs = Number(call.startedAtMs);
    const askId = inputRequestActivityId(callId, 1);
    const isAsking = tool === 'ask' && !existsSync(this.#file(askId));
    const isWaiting = tool === 'wait' && Date.now() < startedAtMs + Number(args.ms);
    const ask: InputRequest = {
      ...{ askId, callId, server: 'tiny', method: 'elicitation/create' },
      params: isJsonObject(args.params) ? args.params : {},
      ...{ createdAtMs: startedAtMs, timeoutMs: 60_000 },
    };
    const isOpen = (isAsking || isWaiting) && !this.#cancelled.has(callId);
    return {
      ...{ callId, server: 'tiny', tool, principal },
      ...{ status: isOpen ? 'running' : 'ended', submittedAtMs: startedAtMs },
      ...{ changedAtMs: startedAtMs, asks: isAsking ? [ask] : [] },
    };
  }

  async cancel(callId: string): Promise<void> {
    this.#cancelled.add(callId);
  }

  #file(id: string): string {
    return path.join(this.folder, encodeURIComponent(id));
  }
}

export interface Answered {
  status: number;
  /** Of an event stream all, else the one that was the body; none without a body. */
  messages: RpcMessage[];
  /** The result of the last one; an empty object when it is none. */
  result: JsonObject;
  error?: { code: number; message: string; data?: unknown };
}

export interface Sent {
  capabilities?: JsonObject;
  meta?: JsonObject;
  /** In place of those that a client sends; undefined leaves one out. */
  headers?: Record<string, string | undefined>;
  id?: number | string;
  signal?: AbortSignal;
}

export const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

/** `_meta` of a request of 2026-07-28. */
export const envelope = (capabilities: JsonObject = {}): JsonObject => ({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': capabilities,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
});

/** Sends a request as a client of 2026-07-28 does. */
export async function send(
  url: URL,
  method: string,
  params: JsonObject = {},
  sent: Sent = {},
): Promise<Answered> {
  const response = await post(url, method, params, sent);
  return answered(response.status, response.headers.get('content-type'), await response.text());
}

export function post(url: URL, method: string, params: JsonObject, sent: Sent): Promise<Response> {
  const { capabilities, meta, headers = {}, id = 1, signal } = sent;
  const name = params.name ?? params.uri ?? params.taskId;
  const all = {
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    'MCP-Protocol-Version': '2026-07-28',
    'Mcp-Method': method,
    'Mcp-Name': typeof name === 'string' ? name : undefined,
    ...headers,
  };
  const own = Object.entries(all).filter(
    (header): header is [string, string] => header[1] !== undefined,
  );
  const _meta = { ...envelope(capabilities), ...meta };
  return fetch(url, {
    method: 'POST',
    headers: own,
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }),
    ...(signal && { signal }),
  });
}

function answered(status: number, type: string | null, text: string): Answered {
  const bodies = type?.includes('event-stream')
    ? text.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : []))
    : [text].filter((body) => body !== '');
  const messages = bodies.map((body) => JSON.parse(body) as RpcMessage);
  const last = messages.at(-1);
  return {
    ...{ status, messages },
    result: last && 'result' in last ? last.result : {},
    ...(last && 'error' in last && { error: last.error }),
  };
}
