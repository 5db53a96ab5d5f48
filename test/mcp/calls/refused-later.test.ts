import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createTestHost, type TestHost, urlSpec } from '../harness';

const STATUSES = [401, 404, 413, 429];

let server: Server;
let host: TestHost;
/** The tool has run so often. */
let runs: number;

beforeEach(async () => {
  runs = 0;
  host = createTestHost();
  server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  await host.close();
  server.closeAllConnections();
  server.close();
});

async function callTool(tool: string) {
  const { port } = server.address() as AddressInfo;
  const connection = await host.open(
    urlSpec('http', `http://127.0.0.1:${port}/mcp`, { protocol: 'legacy' }),
  );
  return connection.callTool(tool, {}, { timeoutMs: 5_000 });
}

test.each(STATUSES)('a call that ran, and was sent on to a %d, is lost', async (status) => {
  await expect(callTool(`redirect ${status}`)).rejects.toMatchObject({ kind: 'lost' });
  expect(runs).toBe(1);
});

test.each(STATUSES)(
  'a call whose stream broke, and is resumed by a %d, is lost',
  async (status) => {
    await expect(callTool(`stream ${status}`)).rejects.toMatchObject({ kind: 'lost' });
    expect(runs).toBe(1);
  },
);

/** Runs a tool, and refuses what comes after it with the status in its name. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const [, status] = /later=(\d+)/.exec(request.url ?? '') ?? [];
  const [, resumed] = String(request.headers['last-event-id'] ?? '').split(' ');
  if (status ?? resumed) return void response.writeHead(Number(status ?? resumed)).end();
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const { id, method, params } = JSON.parse(text) as Request;
  const say = (result: object) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  };
  if (id === undefined) return void response.writeHead(202).end();
  if (method === 'initialize') return say(HELLO);
  if (method !== 'tools/call') return say({ tools: [] });
  runs += 1;
  const [how, later] = params.name.split(' ');
  if (how === 'redirect') response.writeHead(307, { location: `/mcp?later=${later}` }).end();
  else {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`id: x ${later}\nretry: 10\ndata: \n\n`);
  }
}

interface Request {
  id?: number;
  method: string;
  params: { name: string };
}

const HELLO = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'refuses', version: '1' },
};
