import { once } from 'node:events';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import WebSocket from 'ws';
import { limits, post, request, sha256, until, useFronts } from './front-harness';

const start = useFronts();
const echo = { name: 'echo', arguments: { a: [1, null] } };
const modernMeta = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } };

/** The SDK takes the WebSocket of the platform, which Node 20 does not have. */
beforeAll(() => Object.assign(globalThis, { WebSocket: globalThis.WebSocket ?? WebSocket }));

type TestFront = Awaited<ReturnType<typeof start>>;

const transports = {
  'HTTP+SSE': ({ url }: TestFront) => new SSEClientTransport(new URL(url('/sse'))),
  'HTTP+SSE of a server': ({ url }: TestFront) =>
    new SSEClientTransport(new URL(url('/mcp/s/files/sse'))),
  WebSocket: ({ port }: TestFront) =>
    new WebSocketClientTransport(new URL(`ws://127.0.0.1:${port}/mcp/ws`)),
  'WebSocket of a profile': ({ port }: TestFront) =>
    new WebSocketClientTransport(new URL(`ws://127.0.0.1:${port}/mcp/p/dev/ws`)),
};

describe.each(Object.entries(transports))('%s', (_name, transportTo) => {
  it("serves the SDK's client until it goes", async () => {
    const front = await start();
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transportTo(front));
    expect((await client.listTools()).tools).toHaveLength(1);
    const { content } = await client.callTool(echo);
    expect(content).toEqual([{ type: 'text', text: '{"a":[1,null]}' }]);
    const calls = Array.from({ length: 20 }, (_, a) =>
      client.callTool({ name: 'echo', arguments: { a } }),
    );
    expect(await Promise.all(calls)).toHaveLength(20);
    await client.close();
    await until(() => front.usage.total('streams') === 0);
    expect(front.legacy.closes).toEqual(['ended']);
    expect(front.usage.total('requests')).toBe(0);
  });
});

/** A WebSocket with what it has received. */
async function connect(port: number, headers: Record<string, string> = {}, path = '/mcp/ws') {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, 'mcp', { headers });
  const received: unknown[] = [];
  socket.on('message', (data: Buffer) => received.push(JSON.parse(data.toString())));
  let session: unknown;
  socket.on('upgrade', ({ headers: of }) => (session = of['mcp-session-id']));
  await once(socket, 'open');
  const send = (message: unknown) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const next = async (count: number) => {
    await until(() => received.length >= count);
    return received;
  };
  return { socket, received, send, next, session: () => session };
}

const error = (id: unknown, code: number) => ({
  ...{ jsonrpc: '2.0', id, error: expect.objectContaining({ code }) as unknown },
});

describe('WebSocket', () => {
  it('says what is wrong with a message, and goes on', async () => {
    const { port } = await start();
    const { send, next } = await connect(port);
    send('{"jsonrpc":');
    send([request('ping')]);
    send({ jsonrpc: '2.0', id: 'x', method: 5 });
    send('['.repeat(100_000));
    send(request('ping', {}, 'last'));
    expect(await next(5)).toEqual([
      ...[error(null, -32700), error(null, -32600), error('x', -32600), error(null, -32700)],
      { jsonrpc: '2.0', id: 'last', result: {} },
    ]);
  });

  it('refuses an id that is in use, without touching the request that has it', async () => {
    const { port, legacy, usage } = await start();
    const { send, next } = await connect(port);
    send(request('tools/call', { name: 'hold' }, 7));
    await until(() => legacy.held === 1);
    send(request('ping', {}, 7));
    expect(await next(1)).toEqual([error(7, -32600)]);
    expect(usage.total('requests')).toBe(1);
    legacy.release();
    expect((await next(2))[1]).toMatchObject({ id: 7, result: {} });
    expect(usage.total('requests')).toBe(0);
  });

  it('hands each message to its era, and a cancellation to that of its request', async () => {
    const { port, legacy, modern } = await start();
    const { send } = await connect(port);
    const cancel = (requestId: number) => ({
      ...{ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } },
    });
    send(request('tools/call', { name: 'never', ...modernMeta }, 1));
    send(request('tools/call', { name: 'never' }, 2));
    send(cancel(1));
    send(cancel(2));
    send({ jsonrpc: '2.0', id: 3, result: {} });
    send(request('server/discover', {}, 4));
    await until(() => modern.seen.length === 3 && legacy.seen.length === 3);
    expect(modern.seen).toMatchObject([{ id: 1 }, { params: { requestId: 1 } }, { id: 4 }]);
    expect(legacy.seen).toMatchObject([{ id: 2 }, { params: { requestId: 2 } }, { id: 3 }]);
  });

  it('goes on with a session', async () => {
    const { port, legacy } = await start();
    const first = await connect(port);
    expect(first.session()).toBe('session-1');
    first.socket.terminate();
    await until(() => legacy.closes.length === 1);
    expect(legacy.closes).toEqual(['gone']);
    const second = await connect(port, { 'Mcp-Session-Id': 'session-1' });
    expect(second.session()).toBe('session-1');
    second.socket.close();
    await until(() => legacy.closes.length === 2);
    expect(legacy.closes).toEqual(['gone', 'ended']);
  });

  it('counts requests and connections of a key', async () => {
    const { port, setPolicy, usage } = await start();
    setPolicy(limits({ calls: 1, streams: 2 }));
    const { send, next } = await connect(port);
    send(request('tools/call', { name: 'never' }, 1));
    send(request('ping', {}, 2));
    expect(await next(1)).toEqual([error(2, -32000)]);
    send(request('subscriptions/listen', modernMeta, 3)); // counts as a stream
    await until(() => usage.total('streams') === 2);
    await expect(connect(port)).rejects.toThrow('429');
  });

  it('lets in only whom it may', async () => {
    const { port, setPolicy, legacy } = await start();
    setPolicy({ keys: [{ name: 'ci', sha256: sha256('ci'), profile: 'ci' }] });
    await expect(connect(port)).rejects.toThrow('401');
    const headers = { Authorization: 'Bearer ci' };
    await expect(connect(port, { ...headers, Origin: 'http://evil.test' })).rejects.toThrow('403');
    await expect(connect(port, { ...headers, Host: 'evil.test' })).rejects.toThrow('403');
    await expect(connect(port, headers, '/mcp/s/x/ws')).rejects.toThrow('403');
    await expect(connect(port, headers, '/mcp')).rejects.toThrow('404');
    await connect(port, headers);
    expect(legacy.identities).toMatchObject([{ scope: { kind: 'profile', name: 'ci' } }]);
  });

  it.each([
    ['a binary frame', (socket: WebSocket) => socket.send(Buffer.from('{}')), 1003],
    ['a frame that is too large', (socket: WebSocket) => socket.send('x'.repeat(2_000)), 1009],
  ])('closes at %s', async (_what, act, expected) => {
    const { port, setPolicy, usage } = await start();
    setPolicy(limits({ bodyBytes: 1_000 }));
    const { socket } = await connect(port);
    act(socket);
    expect(await once(socket, 'close')).toEqual([expected, expect.anything()]);
    await until(() => usage.total('streams') === 0);
  });

  it('cuts off who does not read', async () => {
    const { port, setPolicy, legacy } = await start();
    setPolicy(limits({ bufferBytes: 100_000 }));
    const { socket } = await connect(port);
    socket.pause();
    const [outlet] = legacy.outlets;
    const params = { text: 'x'.repeat(200_000) };
    while (legacy.outlets.size > 0) {
      outlet?.send({ jsonrpc: '2.0', method: 'notifications/message', params });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    socket.terminate();
  });

  it('is told to come back when the gateway stops, after its answers', async () => {
    const { port, legacy, front } = await start();
    const { socket, send, received } = await connect(port);
    send(request('tools/call', { name: 'hold' }, 1));
    await until(() => legacy.held === 1);
    const closed = once(socket, 'close');
    const stopped = front.close(20_000);
    setTimeout(() => legacy.release(), 50);
    expect(await closed).toEqual([1012, expect.anything()]);
    expect(received).toMatchObject([{ id: 1 }]);
    await stopped;
  });
});

describe('HTTP+SSE', () => {
  it('knows only its own streams', async () => {
    const { url, setPolicy, usage } = await start();
    const one = { 'X-API-Key': 'one' };
    setPolicy({ keys: ['one', 'two'].map((name) => ({ name, sha256: sha256(name) })) });
    const stream = await fetch(url('/sse'), { headers: { Accept: 'text/event-stream', ...one } });
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    const first = Buffer.from((await reader.read()).value ?? []).toString();
    const [, path = ''] = /^event: endpoint\ndata: (\S+)\n\n$/.exec(first) ?? [];
    expect((await post(url(path), request('ping'), one)).status).toBe(202);
    const answer = Buffer.from((await reader.read()).value ?? []).toString();
    expect(answer).toBe('event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
    expect((await post(url(path), request('ping'), { 'X-API-Key': 'two' })).status).toBe(404);
    expect((await post(url('/messages?sessionId=1'), request('ping'), one)).status).toBe(404);
    expect((await post(url(path), '{', one)).status).toBe(400);
    await reader.cancel();
    await until(() => usage.total('streams') === 0);
  });
});
