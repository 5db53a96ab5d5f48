import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { type Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { Client as ClientV2, type Transport as TransportV2 } from '@modelcontextprotocol/client';

const INFO = { name: 'test', version: '1' };
const CAPABILITIES = { elicitation: {}, sampling: {}, roots: {} };
const MODERN_VERSION = '2026-07-28';

/** What the user, the model and the program behind every client say. */
const ELICITED = { action: 'accept' as const, content: { username: 'ada', email: 'a@b.c' } };
const SAMPLED = {
  role: 'assistant' as const,
  model: 'test',
  content: { type: 'text' as const, text: 'forty-two' },
};
const ROOTS = { roots: [{ uri: 'file:///work', name: 'work' }] };

interface CallOptions {
  onprogress?: (step: { progress: number }) => void;
  signal?: AbortSignal;
  _meta?: Record<string, unknown>;
}

/** A client of one of the SDKs, with all capabilities, that remembers what it was told. */
export type TestClient = (
  { era: 'legacy'; client: ClientV1 | ClientV2 } | { era: 'modern'; client: ClientV2 }
) & {
  heard: { method: string; params?: Record<string, unknown> | undefined }[];
  /** As JSON. */
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<string>;
};

export async function connectV1(transport: TransportV1): Promise<TestClient> {
  const client = new ClientV1(INFO, { capabilities: CAPABILITIES });
  client.setRequestHandler(ElicitRequestSchema, () => ELICITED);
  client.setRequestHandler(CreateMessageRequestSchema, () => SAMPLED);
  client.setRequestHandler(ListRootsRequestSchema, () => ROOTS);
  const heard: TestClient['heard'] = [];
  client.fallbackNotificationHandler = async (notification) => void heard.push(notification);
  await client.connect(transport);
  return {
    ...{ era: 'legacy', client, heard },
    call: async (name, args = {}, { _meta, ...options } = {}) => {
      const params = { name, arguments: args, ...(_meta && { _meta }) };
      return JSON.stringify(await client.callTool(params, undefined, options));
    },
  };
}

export async function connectV2(
  transport: TransportV2,
  era: 'legacy' | 'modern' = 'legacy',
): Promise<TestClient> {
  const client = new ClientV2(INFO, {
    capabilities: CAPABILITIES,
    versionNegotiation: { mode: era === 'modern' ? { pin: MODERN_VERSION } : 'legacy' },
  });
  client.setRequestHandler('elicitation/create', () => ELICITED);
  client.setRequestHandler('sampling/createMessage', () => SAMPLED);
  client.setRequestHandler('roots/list', () => ROOTS);
  const heard: TestClient['heard'] = [];
  client.fallbackNotificationHandler = async (notification) => void heard.push(notification);
  await client.connect(transport);
  return {
    ...{ era, client, heard },
    call: async (name, args = {}, { _meta, ...options } = {}) => {
      const params = { name, arguments: args, ...(_meta && { _meta }) };
      return JSON.stringify(await client.callTool(params, options));
    },
  };
}
