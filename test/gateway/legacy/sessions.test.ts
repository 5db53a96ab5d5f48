import { post, request, until } from '../http/front-harness';
import { useTemporaryFolder } from '../../temporary-folder';
import { type LegacyGateway, type LegacyOptions, startGateway } from './legacy-harness';
import { eventsOf, nextId, RawClient } from './raw-client';

const home = useTemporaryFolder();
let gateway: LegacyGateway;

async function start(options?: LegacyOptions): Promise<void> {
  gateway = await startGateway(home(), options);
}

afterEach(() => gateway.close());

const initialize = (params: object = {}) =>
  request('initialize', {
    ...{ protocolVersion: '2025-11-25', capabilities: {} },
    ...{ clientInfo: { name: 'test', version: '1' }, ...params },
  });

/** The store answers without giving anybody else a turn, hence the timer. */
async function untilNoneStored(): Promise<void> {
  while ((await gateway.store.gatewaySessions.count()) > 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a session', () => {
  beforeEach(() => start());

  it.each([
    ['2025-11-25', '2025-11-25'],
    ['2025-06-18', '2025-06-18'],
    ['2025-03-26', '2025-03-26'],
    ['2024-11-05', '2024-11-05'],
    ['2024-10-07', '2024-10-07'],
    ['1.0', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
  ])('of a client that asks for %s speaks %s', async (asked, agreed) => {
    const response = await post(gateway.url.href, initialize({ protocolVersion: asked }));
    expect(await response.json()).toMatchObject({ result: { protocolVersion: agreed } });
    expect(response.headers.get('mcp-session-id')).toMatch(/^[\w-]{32}$/);
  });

  it.each([
    { protocolVersion: 5 },
    { capabilities: ['sampling'] },
    { clientInfo: { name: 'x'.repeat(70_000) } },
  ])('is not begun by a broken initialize %#', async (params) => {
    const response = await post(gateway.url.href, initialize(params));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: -32602 } });
    expect(await gateway.store.gatewaySessions.count()).toBe(0);
  });

  it('is needed, must be known, and belongs to its endpoint', async () => {
    const client = await RawClient.open(gateway.url);
    const ping = request('ping');
    const status = async (path: string, session?: string) => {
      const headers: Record<string, string> =
        session === undefined ? {} : { 'Mcp-Session-Id': session };
      return (await post(new URL(path, gateway.url).href, ping, headers)).status;
    };
    expect(await status('/mcp')).toBe(400);
    expect(await status('/mcp', 'nobody')).toBe(404);
    expect(await status('/mcp', client.session)).toBe(200);
    expect(await status('/mcp/s/tiny', client.session)).toBe(404);
  });

  it('is over after DELETE, and the client can begin another one', async () => {
    const client = await RawClient.open(gateway.url);
    const stream = eventsOf(await client.get());
    await stream.next();
    expect((await client.delete()).status).toBe(204);
    expect(await stream.next()).toMatchObject({ done: true });
    expect((await client.delete()).status).toBe(404);
    expect((await client.get()).status).toBe(404);
    const refused = await client.post(client.request('ping'));
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({ error: { data: { code: 'UNKNOWN_SESSION' } } });
    await RawClient.open(gateway.url);
  });

  it('takes calls with it that nobody can ask for any more, and leaves those with a key', async () => {
    const client = await RawClient.open(gateway.url);
    const meta = { 'mainspring/idempotencyKey': 'mine' };
    const calls = [client.call('wait', { ms: 400 }), client.call('wait', { ms: 400 }, meta)];
    const answers = calls.map((call) => client.post(call));
    await until(() => gateway.operations.running === 2);
    await client.delete();
    expect(gateway.operations.cancelled).toHaveLength(1);
    await Promise.all(answers.map(async (answer) => (await answer).text()));
  });

  it.each([
    ['no JSON', '{"jsonrpc"', 400, -32700],
    ['no message', '{"a":1}', 400, -32600],
    ['an empty batch', '[]', 400, -32600],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', 400, -32600],
    ['a second initialize', JSON.stringify([initialize()]), 400, -32600],
    ['a long batch', JSON.stringify(Array.from({ length: 101 }, () => ({}))), 400, -32600],
  ])('refuses %s', async (_what, body, status, code) => {
    const client = await RawClient.open(gateway.url);
    const headers = { 'Mcp-Session-Id': client.session };
    const response = await post(gateway.url.href, body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it('refuses unknown protocol versions, and ids that are in use', async () => {
    const client = await RawClient.open(gateway.url);
    const wrong = await client.post(client.request('ping'), {
      'MCP-Protocol-Version': '2020-01-01',
    });
    expect(wrong.status).toBe(400);
    const first = client.post(
      client.request('tools/call', { name: 'tiny__wait', arguments: { ms: 300 } }, 'x'),
    );
    await until(() => gateway.operations.running === 1);
    expect((await client.post(client.request('ping', {}, 'x'))).status).toBe(400);
    await (await first).text();
  });

  it('takes notifications and answers that nobody waits for', async () => {
    const client = await RawClient.open(gateway.url);
    const messages = [
      { method: 'notifications/initialized' },
      { method: 'notifications/roots/list_changed' },
      { method: 'notifications/cancelled', params: { requestId: 99 } },
      { id: 'never asked', result: {} },
      { id: null, error: { code: 1, message: 'm' } },
    ];
    for (const message of messages) {
      const response = await client.post({ jsonrpc: '2.0', ...message });
      expect([response.status, await response.text()]).toEqual([202, '']);
    }
  });
});

describe('sessions', () => {
  it('end when nobody has used them for long', async () => {
    await start({ times: { idleTtlMs: 150, sweepMs: 50 } });
    const client = await RawClient.open(gateway.url);
    await until(() => gateway.era.usage().live === 0);
    await untilNoneStored();
    expect((await client.post(client.request('ping'))).status).toBe(404);
  });

  it('stay as long as the client listens', async () => {
    await start({ times: { idleTtlMs: 150, sweepMs: 30 } });
    const client = await RawClient.open(gateway.url);
    await nextId(await client.get());
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect((await client.post(client.request('ping'))).status).toBe(200);
    client.vanish();
  });

  it('are limited for each principal: the one not used for longest goes, unless all are in use', async () => {
    await start({ sessions: 2 });
    const [first, second] = [await RawClient.open(gateway.url), await RawClient.open(gateway.url)];
    await nextId(await first.get());
    const third = await RawClient.open(gateway.url);
    expect((await first.post(first.request('ping'))).status).toBe(200);
    expect((await second.post(second.request('ping'))).status).toBe(404);
    await nextId(await third.get());
    const refused = await post(gateway.url.href, initialize());
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    first.vanish();
    third.vanish();
  });

  it('that were used just now make room like any other when there are too many', async () => {
    await start({ sessions: 2 });
    const clients = [];
    for (let opened = 0; opened < 4; opened += 1) {
      const client = await RawClient.open(gateway.url);
      expect((await client.post(client.request('ping'))).status).toBe(200);
      clients.push(client);
    }
    const statuses = [];
    for (const client of clients) {
      statuses.push((await client.post(client.request('ping'))).status);
    }
    expect(statuses).toEqual([404, 404, 200, 200]);
  });

  it('are not read from the store for each of many requests', async () => {
    await start();
    const client = await RawClient.open(gateway.url);
    const reads = jest.spyOn(gateway.store.gatewaySessions, 'get');
    for (let sent = 0; sent < 20; sent += 1) await client.post(client.request('ping'));
    expect(reads.mock.calls.length).toBeLessThan(10);
  });

  it('cost nothing after their clients have vanished', async () => {
    await start({ times: { idleTtlMs: 600, lingerMs: 50, sweepMs: 50 } });
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 20 }, () => vanish(round)));
    }
    const none = { live: 0, exchanges: 0, channels: 0, asks: 0 };
    const isNothing = () => JSON.stringify(gateway.era.usage()) === JSON.stringify(none);
    await until(isNothing);
    expect(gateway.usage.total('requests') + gateway.usage.total('streams')).toBe(0);
    await untilNoneStored();
  });

  /** A client that does something, and is gone without a word. */
  async function vanish(round: number): Promise<void> {
    const client = await RawClient.open(gateway.url, { capabilities: { roots: {} } });
    const streams = [client.get(), client.post(client.call('wait', { ms: 300 }))];
    if (round % 2 === 0) {
      streams.push(
        client.post(client.call('ask', { method: 'roots/list', ms: 300 }, { progressToken: 1 })),
      );
    }
    await client.post(client.request('ping'));
    client.vanish();
    await Promise.allSettled(streams);
  }
});
