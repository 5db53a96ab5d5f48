import { once } from 'node:events';
import WebSocket from 'ws';
import { type GatewayPolicy } from '../../../src/domain/endpoint/gateway-policy';
import {
  JSON_HEADERS,
  limits,
  post,
  request,
  sha256,
  type TestFront,
  until,
  useFronts,
} from './front-harness';

const start = useFronts();
const one = { name: 'one', sha256: sha256('one') };
const two = { name: 'two', sha256: sha256('two') };
const withOne = { 'X-API-Key': 'one', Origin: 'https://chat.example.com' };
const hold = request('tools/call', { name: 'hold' }, 7);
const policy = { keys: [one, two], origins: ['https://chat.example.com'] };

const changes: [what: string, change: Partial<GatewayPolicy>, status: number][] = [
  ['was removed', { keys: [two] }, 401],
  ['is another text now', { keys: [{ ...one, sha256: sha256('other') }, two] }, 401],
  ['is of somebody else now', { keys: [two, { ...two, sha256: one.sha256 }] }, 401],
  ['is for a profile only', { keys: [{ ...one, profile: 'ci' }, two] }, 403],
  ['may not come from this page any more', { origins: [] }, 403],
];

async function startWithKeys() {
  const front = await start();
  front.setPolicy(policy);
  return front;
}

/** Where a key that is for a profile now may go no more. */
const SCOPE = '/mcp/s/files';

async function connect({ port }: TestFront, headers: Record<string, string>) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${SCOPE}/ws`, 'mcp', { headers });
  const got: unknown[] = [];
  socket.on('message', (data: Buffer) => got.push(JSON.parse(data.toString())));
  await once(socket, 'open');
  return { socket, got, closed: once(socket, 'close') };
}

function open({ url }: TestFront, headers: Record<string, string>, path = SCOPE) {
  return fetch(url(path), { headers: { Accept: 'text/event-stream', ...headers } });
}

describe.each(changes)('a key that %s', (_what, change, status) => {
  const code = status === 401 ? 'KEY_REQUIRED' : 'ACCESS_REFUSED';
  const refused = { error: { code: -32000, data: { code } } };

  it('ends its WebSockets: what waits is answered, what was accepted goes on', async () => {
    const front = await startWithKeys();
    const { socket, got, closed } = await connect(front, withOne);
    const other = await connect(front, { 'X-API-Key': 'two' });
    socket.send(JSON.stringify(hold));
    await until(() => front.legacy.held === 1);
    front.setPolicy(change);
    expect(await closed).toEqual([1008, Buffer.from(code)]);
    expect(got).toMatchObject([{ id: 7, ...refused }]);
    expect(front.legacy.closes).toEqual(['dismissed']);
    expect(front.usage.total('requests')).toBe(1);
    front.legacy.release();
    await until(() => front.usage.total('requests') === 0);
    other.socket.send(JSON.stringify(request('ping', {}, 8)));
    await until(() => other.got.length === 1);
    expect([got.length, other.got]).toMatchObject([1, [{ id: 8, result: {} }]]);
  });

  it('ends its streams', async () => {
    const front = await startWithKeys();
    const [get, sse] = await Promise.all([
      open(front, withOne),
      open(front, withOne, `${SCOPE}/sse`),
    ]);
    const other = await open(front, { 'X-API-Key': 'two' });
    front.setPolicy(change);
    const texts = await Promise.all([get.text(), sse.text()]);
    for (const text of texts) expect(text).toContain(`: ${code}\n\n`);
    expect(front.usage.total('streams')).toBe(1);
    await other.body?.cancel();
  });

  it('ends its requests, and what they have started goes on', async () => {
    const front = await startWithKeys();
    const waiting = post(front.url(SCOPE), hold, withOne);
    await until(() => front.legacy.held === 1);
    front.setPolicy(change);
    const answer = await waiting;
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ id: 7, ...refused });
    expect([front.legacy.held, front.legacy.gone]).toEqual([1, 0]);
    front.legacy.release();
    await until(() => front.usage.total('requests') === 0);
    expect((await post(front.url(SCOPE), request('ping'), { 'X-API-Key': 'two' })).status).toBe(
      200,
    );
  });

  it('starts nothing with a request that was still being sent', async () => {
    const front = await startWithKeys();
    let finish: () => void = () => undefined;
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(JSON.stringify(hold)));
        finish = () => controller.close();
      },
    });
    const init = { method: 'POST', headers: { ...JSON_HEADERS, ...withOne }, body, duplex: 'half' };
    const waiting = fetch(front.url(SCOPE), init as RequestInit);
    await until(() => front.front.address !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    front.setPolicy(change);
    finish();
    expect((await waiting).status).toBe(status);
    expect(front.legacy.seen).toEqual([]);
  });
});

it('asks for a key on what was open without one', async () => {
  const front = await start();
  const { closed } = await connect(front, {});
  const stream = await open(front, {});
  front.setPolicy({ keys: [one] });
  expect(await closed).toEqual([1008, Buffer.from('KEY_REQUIRED')]);
  await stream.text();
});

it('leaves a key alone whose limits have changed, which count at once', async () => {
  const front = await startWithKeys();
  const { socket, got } = await connect(front, { 'X-API-Key': 'one' });
  front.setPolicy({ keys: [{ ...one, limits: { calls: 1 } }, two], ...limits({}) });
  socket.send(JSON.stringify(hold));
  socket.send(JSON.stringify(request('ping', {}, 8)));
  await until(() => got.length === 1);
  expect(got).toMatchObject([{ id: 8, error: { data: { code: 'GATEWAY_BUSY' } } }]);
  front.legacy.release();
  await until(() => got.length === 2);
});
