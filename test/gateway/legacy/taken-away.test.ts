import { once } from 'node:events';
import { WebSocket } from 'ws';
import { post, request, sha256, until } from '../http/front-harness';
import { useTemporaryFolder } from '../../temporary-folder';
import { type LegacyGateway, startGateway } from './legacy-harness';
import { type JsonObject } from '../../../src/base/json';

const home = useTemporaryFolder();
const [one, two] = ['one', 'two'].map((name) => ({ name, sha256: sha256(name) }));
let gateway: LegacyGateway;

beforeEach(async () => {
  gateway = await startGateway(home());
  gateway.setPolicy({ keys: [one!, two!] });
});
afterEach(() => gateway.close());

const initialize = request('initialize', {
  ...{ protocolVersion: '2025-11-25', capabilities: {} },
  clientInfo: { name: 'test', version: '1' },
});
const wait = (id: number) =>
  request('tools/call', { name: 'tiny__wait', arguments: { ms: 600 } }, id);

async function openSession(key: string): Promise<Record<string, string>> {
  const response = await post(gateway.url.href, initialize, { 'X-API-Key': key });
  return { 'X-API-Key': key, 'Mcp-Session-Id': response.headers.get('mcp-session-id') ?? '' };
}

it('goes on with what was accepted, forgets the session, and gives the answer to nobody', async () => {
  const headers = await openSession('one');
  const stream = await fetch(gateway.url, { headers: { ...headers, Accept: 'text/event-stream' } });
  const waiting = post(gateway.url.href, wait(2), headers);
  await until(() => gateway.operations.running === 1);
  gateway.setPolicy({ keys: [two!] });
  const refused = await waiting;
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ id: 2, error: { data: { code: 'KEY_REQUIRED' } } });
  await stream.text();
  expect(gateway.era.usage().live).toBe(0);
  await until(() => gateway.operations.running === 0);
  await until(() => gateway.usage.total('requests') === 0);
  expect(gateway.operations.cancelled).toEqual([]);
});

it('goes on with what came over a connection', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/mcp/ws`, 'mcp', {
    headers: { 'X-API-Key': 'one' },
  });
  const got: JsonObject[] = [];
  socket.on('message', (data: Buffer) => got.push(JSON.parse(String(data)) as JsonObject));
  await once(socket, 'open');
  for (const message of [initialize, wait(2)]) socket.send(JSON.stringify(message));
  await until(() => gateway.operations.running === 1);
  gateway.setPolicy({ keys: [two!] });
  await once(socket, 'close');
  expect(got.at(-1)).toMatchObject({ id: 2, error: { data: { code: 'KEY_REQUIRED' } } });
  await until(() => gateway.operations.running === 0);
  expect([gateway.operations.cancelled, gateway.era.usage().live]).toEqual([[], 0]);
});

it('lets no other key have the session, and has it again with its own', async () => {
  const headers = await openSession('one');
  gateway.setPolicy({ keys: [two!] });
  const ping = request('ping', {}, 3);
  const other = await post(gateway.url.href, ping, { ...headers, 'X-API-Key': 'two' });
  expect([other.status, (await post(gateway.url.href, ping, headers)).status]).toEqual([404, 401]);
  gateway.setPolicy({ keys: [one!, two!] });
  expect((await post(gateway.url.href, ping, headers)).status).toBe(200);
});

it('counts each message of a batch, all or none', async () => {
  gateway.setPolicy({ keys: [{ ...one!, limits: { calls: 3 } }] });
  const older = { ...initialize, params: { ...initialize.params, protocolVersion: '2025-03-26' } };
  const response = await post(gateway.url.href, older, { 'X-API-Key': 'one' });
  const session = response.headers.get('mcp-session-id') ?? '';
  const headers = { 'X-API-Key': 'one', 'Mcp-Session-Id': session };
  const refused = await post(gateway.url.href, [wait(1), wait(2), wait(3), wait(4)], headers);
  expect([refused.status, gateway.operations.running]).toEqual([429, 0]);
  expect(await refused.json()).toMatchObject({
    error: {
      message: expect.stringContaining('"gateway.limits.calls" allows 3') as string,
      data: { code: 'GATEWAY_BUSY' },
    },
  });
  const taken = post(gateway.url.href, [wait(1), wait(2), wait(3)], headers);
  await until(() => gateway.usage.total('requests') === 3);
  expect((await post(gateway.url.href, request('ping', {}, 9), headers)).status).toBe(429);
  expect((await taken).status).toBe(200);
});

it('counts a request whose client has hung up until it has ended, over all sessions', async () => {
  gateway.setPolicy({ keys: [{ ...one!, limits: { calls: 2 } }, two!] });
  const [first, second] = [await openSession('one'), await openSession('one')];
  for (const [headers, id] of [
    [first, 1],
    [second, 2],
  ] as const) {
    const leave = new AbortController();
    const body = JSON.stringify(wait(id));
    const all = {
      ...headers,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    };
    const left = fetch(gateway.url, { method: 'POST', headers: all, body, signal: leave.signal });
    left.catch(() => undefined);
    await until(() => gateway.operations.running === id);
    leave.abort();
    await expect(left).rejects.toThrow();
  }
  const third = await openSession('one').catch(() => undefined);
  expect((await post(gateway.url.href, wait(3), third ?? first)).status).toBe(429);
  expect((await post(gateway.url.href, request('ping'), await openSession('two'))).status).toBe(
    200,
  );
  await until(() => gateway.usage.total('requests') === 0);
  expect((await post(gateway.url.href, request('ping', {}, 4), first)).status).toBe(200);
});

it('answers an id that is used again before its cancelled request has ended', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/mcp/ws`, 'mcp', {
    headers: { 'X-API-Key': 'one' },
  });
  const got: JsonObject[] = [];
  socket.on('message', (data: Buffer) => got.push(JSON.parse(String(data)) as JsonObject));
  await once(socket, 'open');
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } };
  for (const message of [initialize, wait(2)]) socket.send(JSON.stringify(message));
  await until(() => gateway.operations.running === 1);
  for (const message of [cancelled, wait(2)]) socket.send(JSON.stringify(message));
  await until(() => got.length === 2);
  expect(got[1]).toMatchObject({ id: 2 });
  socket.close();
});
