import { sha256, until } from '../http/front-harness';
import { useTemporaryFolder } from '../../temporary-folder';
import { type ModernGateway, post, send, startModern } from './modern-harness';

const home = useTemporaryFolder();
const [one, two] = ['one', 'two'].map((name) => ({ name, sha256: sha256(name) }));
const headers = { 'X-API-Key': 'one' };
let gateway: ModernGateway;

beforeEach(async () => {
  gateway = await startModern(home());
  gateway.setPolicy({ keys: [one!, two!] });
});
afterEach(() => gateway.close());

const wait = { name: 'wait', arguments: { ms: 600 } };

it('goes on with a call whose key was taken away, and answers that it has', async () => {
  const waiting = send(gateway.url, 'tools/call', wait, { headers });
  await until(() => gateway.operations.running === 1);
  gateway.setPolicy({ keys: [two!] });
  expect(await waiting).toMatchObject({ status: 401, error: { data: { code: 'KEY_REQUIRED' } } });
  await until(() => gateway.operations.running === 0);
  await until(() => gateway.usage.total('requests') === 0);
  expect(gateway.operations.cancelled).toEqual([]);
});

it('says so on the stream of a call, too', async () => {
  const progress = { name: 'progress', arguments: { ms: 100, steps: 6 } };
  const sent = { headers, meta: { progressToken: 1 } };
  const response = await post(gateway.url, 'tools/call', progress, sent);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  gateway.setPolicy({ keys: [two!] });
  const last = (await response.text())
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .at(-1);
  expect(JSON.parse(last?.slice(5) ?? '')).toMatchObject({
    ...{ id: 1, error: { data: { code: 'KEY_REQUIRED' } } },
  });
  await until(() => gateway.operations.running === 0);
  expect(gateway.operations.cancelled).toEqual([]);
});

it('ends what it listens to', async () => {
  const notifications = { toolsListChanged: true };
  const response = await post(gateway.url, 'subscriptions/listen', { notifications }, { headers });
  await until(() => gateway.usage.total('streams') === 1);
  gateway.setPolicy({ keys: [two!] });
  expect(await response.text()).toContain('KEY_REQUIRED');
  await until(() => gateway.usage.total('streams') === 0);
});

it('cancels a call whose client has gone, as the protocol says, and counts it until it has ended', async () => {
  gateway.setPolicy({ keys: [{ ...one!, limits: { calls: 1 } }] });
  const leave = new AbortController();
  const long = { name: 'wait', arguments: { ms: 60_000 } };
  const left = post(gateway.url, 'tools/call', long, { headers, signal: leave.signal });
  left.catch(() => undefined);
  await until(() => gateway.operations.running === 1);
  expect((await send(gateway.url, 'tools/list', {}, { headers })).status).toBe(429);
  leave.abort();
  await until(() => gateway.usage.total('requests') === 0);
  expect(gateway.operations.cancelled).toHaveLength(1);
  expect((await send(gateway.url, 'tools/list', {}, { headers })).status).toBe(200);
});
