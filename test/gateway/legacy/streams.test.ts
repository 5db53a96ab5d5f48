import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../http/front-harness';
import { useTemporaryFolder } from '../../temporary-folder';
import { type LegacyGateway, type LegacyOptions, startGateway } from './legacy-harness';
import { allEvents, eventsOf, nextId, nextMessage, RawClient, type RawEvent } from './raw-client';
import { isJsonObject } from '../../../src/base/json';

const home = useTemporaryFolder();
const clients: RawClient[] = [];
let gateway: LegacyGateway;

async function start(options?: LegacyOptions): Promise<LegacyGateway> {
  gateway = await startGateway(home(), options);
  return gateway;
}

async function open(options?: Parameters<typeof RawClient.open>[1]): Promise<RawClient> {
  const client = await RawClient.open(gateway.url, options);
  clients.push(client);
  return client;
}

beforeEach(() => start());

afterEach(async () => {
  for (const client of clients.splice(0)) client.vanish();
  await gateway.close();
});

const isStream = (response: Response) =>
  response.headers.get('content-type')?.startsWith('text/event-stream');
const lastIdOf = (events: RawEvent[]) => events.findLast(({ id }) => id !== undefined)?.id ?? '';

function progressOf(events: RawEvent[]): unknown[] {
  return events.flatMap(({ message }) =>
    message?.method === 'notifications/progress' && isJsonObject(message.params)
      ? [message.params.progress]
      : [],
  );
}

describe('the answer to a request', () => {
  it('is JSON when nothing comes before it', async () => {
    const client = await open();
    const response = await client.post(client.call('echo', { a: 1 }));
    expect(isStream(response)).toBe(false);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id: 1, result: {} });
  });

  it('is a stream when it takes longer, and says first where to go on', async () => {
    const client = await open();
    const response = await client.post(client.call('wait', { ms: 400 }));
    expect(isStream(response)).toBe(true);
    const [first, last, ...more] = await allEvents(response);
    expect(first).toEqual({ id: first?.id, retry: '2500' });
    expect(first?.id).toBeDefined();
    expect(last?.message).toMatchObject({ id: 1, result: { content: [{ text: 'waited' }] } });
    expect(more).toEqual([]);
  });

  it('has no empty events for clients that do not know them', async () => {
    const client = await open({ version: '2025-06-18' });
    const response = await client.post(client.call('progress', {}, { progressToken: 'p' }));
    const events = await allEvents(response);
    expect(events.map(({ message }) => message?.method ?? message?.id)).toEqual([
      ...['notifications/progress', 'notifications/progress', 'notifications/progress', 1],
    ]);
    expect(events[0]?.message?.params).toMatchObject({ progressToken: 'p', progress: 1 });
  });

  it('keeps a client that waits for progress from giving up', async () => {
    await gateway.close();
    await start({ times: { progressMs: 50 } });
    const client = await open();
    const response = await client.post(client.call('wait', { ms: 400 }, { progressToken: 7 }));
    const progress = progressOf(await allEvents(response));
    expect(progress.length).toBeGreaterThan(2);
    expect(progress).toEqual([...new Set(progress)].sort((a, b) => Number(a) - Number(b)));
  });

  it('is one array for a batch of 2025-03-26, and a batch of others is refused', async () => {
    const old = await open({ version: '2025-03-26' });
    const batch = [old.call('echo'), old.request('ping'), { jsonrpc: '2.0', method: 'n/a' }];
    const answers = (await (await old.post(batch)).json()) as { id: number }[];
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 2]);
    const slow = await old.post([old.call('wait', { ms: 400 }), old.request('ping')]);
    expect(isStream(slow)).toBe(true);
    expect((await allEvents(slow)).map(({ message }) => message?.id)).toEqual([4, 3]);
    const younger = await open({ version: '2025-06-18' });
    expect((await younger.post([younger.request('ping')])).status).toBe(400);
  });

  it('ends without a response when the request was cancelled', async () => {
    const client = await open();
    const response = client.post(client.call('wait', { ms: 60_000 }));
    await until(() => gateway.operations.running === 1);
    const cancelled = { method: 'notifications/cancelled', params: { requestId: 1 } };
    expect((await client.post({ jsonrpc: '2.0', ...cancelled })).status).toBe(202);
    const answer = await response;
    if (isStream(answer))
      expect((await allEvents(answer)).some(({ message }) => message)).toBe(false);
    else expect(answer.status).toBe(202);
    expect(gateway.operations.cancelled).toHaveLength(1);
  });
});

describe('after a break', () => {
  /** A client whose call goes on without it, and the id of the last event that it has. */
  async function broken(tool: string, args: object, capabilities = {}) {
    const client = await open({ capabilities });
    const response = await client.post(client.call(tool, args, { progressToken: 1 }));
    const from = await nextId(response);
    client.vanish();
    return { client, from };
  }

  it('a call goes on, and its result comes to the client that comes back', async () => {
    const { client, from } = await broken('wait', { ms: 600 });
    await sleep(50);
    expect(gateway.operations.cancelled).toEqual([]);
    const events = await allEvents(await client.get(from));
    expect(events.at(-1)?.message).toMatchObject({ id: 1, result: {} });
  });

  it('the result comes also when the call has ended meanwhile, as often as it is wanted', async () => {
    const { client, from } = await broken('wait', { ms: 400 });
    await until(() => gateway.era.usage().exchanges === 0);
    for (const _ of [1, 2]) {
      const events = await allEvents(await client.get(from));
      expect(events.at(-1)?.message).toMatchObject({ id: 1, result: {} });
    }
  });

  it('progress that was missed comes first', async () => {
    const { client, from } = await broken('progress', { steps: 4, ms: 200 });
    await sleep(300);
    const events = await allEvents(await client.get(from));
    const steps = progressOf(events);
    expect(steps.at(-1)).toBe(4);
    expect(steps).toEqual([...steps].sort());
    expect(events.at(-1)?.message).toMatchObject({ id: 1, result: {} });
  });

  it('nothing is left of a stream that had its answer, and the client learns that', async () => {
    const client = await open();
    const id = lastIdOf(await allEvents(await client.post(client.call('wait', { ms: 300 }))));
    expect((await client.get(id)).status).toBe(405);
  });

  it('event ids of others, and those that nobody gave out, are refused', async () => {
    const { from } = await broken('wait', { ms: 300 });
    const other = await open();
    expect((await other.get(from)).status).toBe(400);
    expect((await other.get('nonsense')).status).toBe(400);
    expect((await other.get(`${from}x`)).status).toBe(400);
  });

  it('what a server asked meanwhile is asked on the stream that comes', async () => {
    const client = await open({ capabilities: { roots: {} } });
    const first = eventsOf(await client.post(client.call('ask', { method: 'roots/list' })));
    const before = await nextMessage(first);
    expect(before.message).toMatchObject({ method: 'roots/list' });
    client.vanish();
    await sleep(50);
    const again = eventsOf(await client.get());
    const asked = await nextMessage(again);
    expect(asked.message?.id).toBe(before.message?.id);
    const answer = { jsonrpc: '2.0', id: asked.message?.id, result: { roots: [] } };
    expect((await client.post(answer)).status).toBe(202);
    expect((await client.post(answer)).status).toBe(202);
    await until(() => gateway.era.usage().exchanges === 0);
  });

  it('what was asked is not asked again when the client says that it had it', async () => {
    const client = await open({ capabilities: { roots: {} } });
    const first = eventsOf(await client.post(client.call('ask', { method: 'roots/list' })));
    const before = await nextMessage(first);
    client.vanish();
    await sleep(50);
    const again = eventsOf(await client.get(before.id));
    await client.post({ jsonrpc: '2.0', id: before.message?.id, result: { roots: [] } });
    expect((await nextMessage(again)).message).toMatchObject({ id: 1, result: {} });
  });
});

describe('the stream of no request', () => {
  it('goes on where it broke', async () => {
    const client = await open();
    const first = await nextId(await client.get());
    gateway.catalogues.tools = [];
    client.vanish();
    await until(() => gateway.era.usage().channels === 0);
    gateway.catalogues.changed('tools');
    await sleep(20);
    const events = eventsOf(await client.get(first));
    const told = await nextMessage(events);
    expect(told.message?.method).toBe('notifications/tools/list_changed');
  });

  it('tells that everything may have changed when nobody knows any more what was missed', async () => {
    const client = await open();
    const first = await nextId(await client.get());
    await gateway.close();
    await start({ port: gateway.port });
    const events = eventsOf(await client.get(first));
    expect((await nextMessage(events)).message?.method).toBe('notifications/tools/list_changed');
  });

  it('gets each message once, on the stream that was opened last', async () => {
    const client = await open();
    const older = eventsOf(await client.get());
    const newer = eventsOf(await client.get());
    await until(() => gateway.era.usage().channels === 2);
    gateway.catalogues.tools = [];
    gateway.catalogues.changed('tools');
    expect((await nextMessage(newer)).message).toBeDefined();
    const nothing = Promise.race([nextMessage(older), sleep(100, 'nothing')]);
    expect(await nothing).toBe('nothing');
  });
});

it('asks a client over its session when no request of it waits', async () => {
  const client = await open({ capabilities: { roots: {} } });
  const stop = new AbortController();
  const ask = {
    ...{ askId: 'ask/call/tiny/1', callId: 'call/tiny', server: 'tiny', params: {} },
    ...{ method: 'roots/list' as const, createdAtMs: Date.now(), timeoutMs: 60_000 },
  };
  const answer = gateway.era.requestFromSession(client.session, ask, stop.signal);
  const events = eventsOf(await client.get());
  const asked = await nextMessage(events);
  await client.post({ jsonrpc: '2.0', id: asked.message?.id, result: { roots: [1] } });
  expect(await answer).toEqual({ result: { roots: [1] } });

  const late = gateway.era.requestFromSession(
    client.session,
    { ...ask, timeoutMs: 100 },
    stop.signal,
  );
  const second = await nextMessage(events);
  expect(await late).toMatchObject({ error: { code: -32001 } });
  const cancelled = await nextMessage(events);
  expect(cancelled.message).toMatchObject({
    ...{ method: 'notifications/cancelled', params: { requestId: second.message?.id } },
  });
  expect(await gateway.era.requestFromSession('nobody', ask, stop.signal)).toBeUndefined();
});
