import { useTemporaryFolder } from '../../temporary-folder';
import { JSON_HEADERS, post, request } from '../http/front-harness';
import { type LegacyGateway, startGateway } from './legacy-harness';
import { eventsOf, RawClient } from './raw-client';

const home = useTemporaryFolder();
let gateway: LegacyGateway;
beforeEach(async () => {
  gateway = await startGateway(home());
});
afterEach(() => gateway.close());

const hello = (over: object = {}) =>
  request('initialize', {
    ...{ protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
    ...over,
  });

const JSON_ONLY = { Accept: 'application/json' };
const STREAM_ONLY = { Accept: 'text/event-stream' };

describe('clients that are less than perfect', () => {
  test.each<[what: string, headers: Record<string, string>, type: string]>([
    ['both types', {}, 'application/json'],
    ['JSON only', JSON_ONLY, 'application/json'],
    ['streams only', STREAM_ONLY, 'text/event-stream'],
    ['anything', { Accept: '*/*' }, 'application/json'],
    ['types in another case', { Accept: 'APPLICATION/JSON;q=0.5' }, 'application/json'],
  ])('are served when they read %s', async (_what, headers, type) => {
    const response = await post(gateway.url.href, hello(), headers);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(response.headers.get('mcp-session-id')).toMatch(/./);
    expect(await response.text()).toContain('"serverInfo"');
  });

  test.each<[what: string, body: unknown]>([
    ['no capabilities', hello({ capabilities: undefined })],
    ['a list of capabilities', hello({ capabilities: [] })],
    ['a version that there never was', hello({ protocolVersion: '1.0' })],
    ['a byte order mark', `\uFEFF${JSON.stringify(hello())}`],
  ])('are served with %s', async (_what, body) => {
    const response = await post(gateway.url.href, body);
    expect(response.status).toBe(200);
    await response.text();
  });
});

describe('a call that tells of its progress', () => {
  const call = (client: RawClient) => client.call('progress', {}, { progressToken: 'p' });

  test('is answered without it where no stream is read', async () => {
    const client = await RawClient.open(gateway.url);
    const response = await client.post(call(client), JSON_ONLY);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toHaveProperty('result');
  });

  test('is answered on a stream where only that is read', async () => {
    const client = await RawClient.open(gateway.url);
    const response = await client.post(client.call('echo'), { ...JSON_HEADERS, ...STREAM_ONLY });
    const messages = [];
    for await (const { message } of eventsOf(response)) if (message) messages.push(message);
    expect(messages).toEqual([
      expect.objectContaining({ id: 1, result: expect.anything() as object }),
    ]);
  });
});
