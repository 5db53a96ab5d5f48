import path from 'node:path';
import { readInstance } from '../../src/offline/instance';
import { fixture, startInstance, type TestInstance } from './instance';
import { executions, repeated } from './ledger';
import { until } from './until';

const CLIENTS_OF_EACH_ERA = 25;
/** Long enough that all calls are under way when the gateway dies. */
const CALL_S = 2;
const VERSION = '2025-11-25';
const MODERN_VERSION = '2026-07-28';
const CLIENT_INFO = { name: 'test', version: '1' };

interface Reply {
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

/** One client: what identifies it to the gateway, whichever process that is. */
interface RawClient {
  isModern: boolean;
  headers: Record<string, string>;
  meta: Record<string, unknown>;
}

let instance: TestInstance;
let url: string;
let ledger: string;

beforeAll(async () => {
  instance = await startInstance({ partsOnly: true, gateway: true, separate: true });
  ledger = path.join(instance.folder, 'ledger');
  await instance.client.servers.add('slow', {
    command: process.execPath,
    args: [fixture('conformance-server.js')],
    env: { STDIO: '1', ERA: 'legacy', LEDGER: ledger },
    limits: { concurrentCalls: 2 * CLIENTS_OF_EACH_ERA },
  });
  url = `${(await readInstance(instance.home))?.apiUrl}/mcp/s/slow`;
});

async function post(
  { isModern, headers, meta }: RawClient,
  method: string,
  params: object,
): Promise<Reply> {
  const name: Record<string, string> = 'name' in params ? { 'mcp-name': String(params.name) } : {};
  const routing: Record<string, string> = isModern ? { 'mcp-method': method, ...name } : {};
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
      ...routing,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta: meta, ...params } }),
  });
  return replyIn(await response.text());
}

/** JSON, or the last event of a stream. */
function replyIn(body: string): Reply {
  const events = body.split('\n').filter((line) => line.startsWith('data: {'));
  return JSON.parse(events.at(-1)?.slice('data: '.length) ?? body) as Reply;
}

async function legacyClient(): Promise<RawClient> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 0, method: 'initialize' },
      params: { protocolVersion: VERSION, capabilities: {}, clientInfo: CLIENT_INFO },
    }),
  });
  await response.text();
  const session = response.headers.get('mcp-session-id') ?? '';
  const headers = { 'mcp-session-id': session, 'mcp-protocol-version': VERSION };
  return { isModern: false, headers, meta: {} };
}

function modernClient(capabilities: object = {}): RawClient {
  return {
    isModern: true,
    headers: { 'mcp-protocol-version': MODERN_VERSION },
    meta: {
      'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
      'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
      'io.modelcontextprotocol/clientCapabilities': capabilities,
    },
  };
}

function call(client: RawClient, key: string): Promise<Reply> {
  const meta = { ...client.meta, 'mainspring/idempotencyKey': key };
  const params = { name: 'slow_compute', arguments: { seconds: CALL_S, label: key } };
  return post({ ...client, meta }, 'tools/call', params);
}

/** `kill -9`, and the next process in its place. */
async function killGateway(): Promise<void> {
  const before = (await instance.pids()).api;
  await instance.kill('api');
  await until('the next gateway', async () => {
    const found = await readInstance(instance.home);
    if (found?.pids.api === undefined || found.pids.api === before) return false;
    return fetch(new URL('/health', url)).then(
      ({ ok }) => ok,
      () => false,
    );
  });
}

it('gives every keyed call its one result after kill -9 of the gateway, to the same session', async () => {
  const legacy = await Promise.all(Array.from({ length: CLIENTS_OF_EACH_ERA }, legacyClient));
  const modern = Array.from({ length: CLIENTS_OF_EACH_ERA }, () => modernClient());
  const clients = [...legacy, ...modern];
  const lost = clients.map((client, index) => call(client, `key-${index}`));
  const ends = Promise.allSettled(lost);
  await until('all calls at the server', () => executions(ledger).length >= clients.length);
  await killGateway();
  const cut = (await ends).filter(({ status }) => status === 'rejected');
  expect(cut.length).toBeGreaterThan(0);

  const replies = await Promise.all(clients.map((client, index) => call(client, `key-${index}`)));
  for (const [index, reply] of replies.entries()) {
    expect(JSON.stringify(reply.result)).toContain(`key-${index} took ${CALL_S} s`);
  }
  const started = executions(ledger).filter((line) => line.startsWith('started '));
  expect(started).toHaveLength(clients.length);
  expect(repeated(started)).toEqual([]);
});

it('takes the answer to what a server had asked before the gateway was killed', async () => {
  const client = modernClient({ elicitation: {} });
  const params = { name: 'test_input_required_result_elicitation', arguments: {} };
  const { result: asked } = await post(client, 'tools/call', params);
  expect(asked).toMatchObject({ resultType: 'input_required' });
  await killGateway();
  const [key = ''] = Object.keys(asked?.inputRequests ?? {});
  const { result } = await post(client, 'tools/call', {
    ...params,
    requestState: asked?.requestState,
    inputResponses: { [key]: { action: 'accept', content: { name: 'Ada' } } },
  });
  expect(JSON.stringify(result)).toContain('Hello, Ada!');
});
