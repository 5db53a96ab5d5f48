import { createConnection } from 'node:net';
import path from 'node:path';
import { AwaitedCalls } from '../../../activities/calls/awaited-calls';
import { type DirectCall, type DirectEnd } from '../../../activities/calls/direct-call';
import { openHostSocket } from '../../../activities/host/host-socket';
import { createNotificationHub } from '../../../activities/host/notification-hub';
import { type HostNotification as Told } from '../../../activities/host/server-notifications';
import { type HostNotification } from '../../../src/client/host-sockets/host-connection';
import { HostSockets } from '../../../src/client/host-sockets/host-sockets';
import { type CallInput } from '../../../src/domain/calls/calls';
import { type ServerInterest } from '../../../src/domain/hosts/socket-frames';
import { localHosts } from '../../../src/process/local-hosts';
import { until } from '../../e2e/until';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const answer: DirectEnd = {
  type: 'answer',
  answer: { outcome: 'ok', result: { content: [] }, digest: '', queuedMs: 0, ranMs: 1 },
};

/** A host whose servers say what the test tells, and whose direct calls end as the test says. */
async function startHost(hostId = 'h1', callDirectly: DirectCall = async () => answer) {
  const notices = createNotificationHub();
  const awaited = new AwaitedCalls();
  const owns = (server: string) => server === 'a';
  const deps = { home: folder(), hostId, notices, callDirectly, awaited, owns };
  const socket = await openHostSocket(deps);
  const end = once(() => socket.close());
  ends.push(end);
  return { notices, awaited, socket, end };
}

function connect() {
  const sockets = new HostSockets(folder());
  const end = once(() => sockets.close());
  ends.push(end);
  const heard: HostNotification[] = [];
  return { sockets, heard, end, hear: () => sockets.onNotice((notice) => heard.push(notice)) };
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= act());
}

const input = (more: Partial<CallInput> = {}): CallInput => ({
  ...{ callId: 'call/a/1', server: 'a', tool: 't', args: {}, digest: '', principal: 'p' },
  ...{ correlationId: 'c', timeoutMs: 60_000, queueTimeoutMs: 0 },
  ...more,
});

const progress: Told = {
  ...{ type: 'notification', server: 'a', callId: 'c1', gateway: 'g1' },
  ...{ method: 'notifications/progress', params: { progress: 1 } },
};
const updated = (uri: string): Told => ({
  ...{ type: 'notification', server: 'a', method: 'notifications/resources/updated' },
  params: { uri },
});
const log: Told = {
  ...{ type: 'notification', server: 'a', method: 'notifications/message' },
  params: { level: 'info', data: 'x' },
};
const listed: Told = { type: 'listed', server: 'a', kind: 'tools' };

let lasts = 0;
/** Everything that was told before has come to all of these when this resolves. */
async function told(
  host: { notices: { publish(notification: Told): void } },
  ...all: HostNotification[][]
) {
  const server = `the last ${++lasts}`;
  host.notices.publish({ type: 'listed', server, kind: 'tools' });
  await until('the last notice', () =>
    all.every((heard) =>
      heard.some((notice) => notice.type === 'listed' && notice.server === server),
    ),
  );
}

const WAYS = ['over the socket', 'in the same process'] as const;

/** By default this process would find that the host runs here too. */
function goBy(way: (typeof WAYS)[number]): void {
  beforeEach(() => {
    if (way === 'over the socket') jest.spyOn(localHosts, 'find').mockReturnValue(undefined);
  });
  afterEach(() => jest.restoreAllMocks());
}

describe.each(WAYS)('notices %s', (way) => {
  goBy(way);

  it('of calls go only to the gateway that made them, lists to all', async () => {
    const host = await startHost();
    const [mine, other] = [connect(), connect()];
    mine.sockets.listenAs('g1');
    other.sockets.listenAs('g2');
    mine.hear();
    other.hear();
    await heardListed(host, mine.heard, other.heard);
    host.notices.publish(progress);
    host.notices.publish({ ...progress, gateway: undefined });
    host.notices.publish({ type: 'ended', server: 'a', callId: 'c1', gateway: 'g1' });
    await told(host, mine.heard, other.heard);
    expect(mine.heard.slice(0, 2)).toEqual([
      {
        ...{ type: 'notification', server: 'a', callId: 'c1' },
        ...{ method: 'notifications/progress', params: { progress: 1 } },
      },
      { type: 'ended', callId: 'c1' },
    ]);
    expect(other.heard.every(({ type }) => type === 'listed')).toBe(true);
  });

  it('of servers go to those who want them, and servers hear what is wanted', async () => {
    const host = await startHost();
    const wanted: ServerInterest[] = [];
    host.notices.followInterest('a', (interest) => wanted.push(interest));
    const { sockets, heard, hear, end } = connect();
    hear();
    sockets.setInterest('one', { a: { resources: ['x'] } });
    sockets.setInterest('two', { a: { resources: ['y'], logLevel: 'info' } });
    await until('both interests', () => wanted.at(-1)?.resources.length === 2);
    expect(wanted.at(-1)).toEqual({ resources: ['x', 'y'], logLevel: 'info' });
    for (const notice of [updated('x'), updated('z'), log, { ...log, server: 'b' }]) {
      host.notices.publish(notice);
    }
    await told(host, heard);
    expect(heard.map((notice) => ('method' in notice ? notice.params : {}))).toEqual([
      { uri: 'x' },
      { level: 'info', data: 'x' },
      {},
    ]);
    await end();
    await until('nobody wants anything', () => wanted.at(-1)?.resources.length === 0);
  });

  it('come again from a host that was killed and started anew, with the same interests', async () => {
    const first = await startHost();
    const { sockets, heard, hear } = connect();
    hear();
    sockets.setInterest('one', { a: { resources: ['x'] } });
    await heardListed(first, heard);
    await first.end();
    const second = await startHost();
    let wanted: ServerInterest | undefined;
    second.notices.followInterest('a', (interest) => (wanted = interest));
    await until('its interest', () => wanted?.resources.includes('x'));
  });

  it('are waited for until a call has ended, for some time at most', async () => {
    const host = await startHost();
    const { sockets, heard, hear } = connect();
    sockets.listenAs('g1');
    hear();
    await heardListed(host, heard);
    const ended = sockets.ended('c1', 60_000);
    host.notices.publish({ type: 'ended', server: 'a', callId: 'c1', gateway: 'g1' });
    await ended;
    await sockets.ended('c1', 60_000); // known by now
    await sockets.ended('another', 1);
  });

  it('are dropped for one who does not read, and the host goes on', async () => {
    const host = await startHost();
    const deaf = createConnection(path.join(folder(), 'hosts/h1.sock'));
    ends.push(async () => void deaf.destroy());
    deaf
      .pause()
      .write(
        `{"type":"hello"}\n{"type":"interest","servers":{"a":{"resources":[],"logLevel":"debug"}}}\n`,
      );
    const { sockets, heard, hear } = connect();
    hear();
    sockets.setInterest('one', { a: { resources: ['x'] } });
    await heardListed(host, heard);
    const data = 'x'.repeat(100_000);
    for (let sent = 0; sent < 500; sent++) {
      host.notices.publish({ ...log, params: { level: 'info', data } });
      if (sent % 50 === 0) await new Promise(setImmediate);
    }
    host.notices.publish(updated('x'));
    await told(host, heard);
    expect(heard).toContainEqual(expect.objectContaining({ params: { uri: 'x' } }));
    let bytes = 0;
    deaf.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
    await until('what was kept for it', () => bytes > 1_000_000);
    await told(host, heard);
    expect(bytes).toBeLessThan(25_000_000);
  });
});

describe.each(WAYS)('direct calls %s', (way) => {
  goBy(way);

  it('are answered, many at once, each with its own answer', async () => {
    await startHost('h1', async ({ args }) => ({
      ...answer,
      answer: { ...answer.answer, result: args },
    }));
    const { sockets } = connect();
    const all = Array.from({ length: 100 }, (_, n) => sockets.call('h1', input({ args: { n } })));
    const got = (await Promise.all(all)).map((end) => end.type === 'answer' && end.answer.result);
    expect(got).toEqual(all.map((_, n) => ({ n })));
  });

  it('go elsewhere when the host is not there', async () => {
    const { sockets } = connect();
    expect(sockets.has('h1')).toBe(false);
    expect(await sockets.call('h1', input())).toEqual({ type: 'elsewhere' });
    const { end } = await startHost();
    expect(sockets.has('h1')).toBe(true);
    expect(await sockets.call('h1', input())).toMatchObject(answer);
    await end();
    expect(await sockets.call('h1', input())).toEqual({ type: 'elsewhere' });
  });

  it('that a host has not taken when it ends go elsewhere, those that it has are lost', async () => {
    const taken: string[] = [];
    const { end } = await startHost('h1', ({ callId }) => {
      taken.push(callId);
      return new Promise(() => undefined);
    });
    const { sockets } = connect();
    const first = sockets.call('h1', input());
    await until('the first', () => taken.length === 1);
    const ending = end();
    const second = sockets.call('h1', input({ callId: 'call/a/2' }));
    expect(await second).toEqual({ type: 'elsewhere' });
    expect(await first).toMatchObject({ type: 'lost' });
    await ending;
    expect(taken).toEqual(['call/a/1']);
  });

  it('are cancelled by their signal, and when their client goes', async () => {
    const cancelled: string[] = [];
    await startHost('h1', ({ callId }, signal) => {
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          cancelled.push(callId);
          resolve({ type: 'elsewhere' });
        });
      });
    });
    const { sockets, end } = connect();
    const cancel = new AbortController();
    const first = sockets.call('h1', input(), { signal: cancel.signal });
    await until('a connection', () => sockets.has('h1'));
    setImmediate(() => cancel.abort());
    expect(await first).toMatchObject({ type: 'elsewhere' });
    const second = sockets.call('h1', input({ callId: 'call/a/2' }));
    await new Promise(setImmediate);
    await end();
    expect(await second).toMatchObject({ type: 'lost' });
    await until('the second', () => cancelled.includes('call/a/2'));
  });

  it.each(['no JSON', '{"type":"other"}', `"${'x'.repeat(5_000_000)}"`])(
    'of others go on when one sends what is no frame',
    async (text) => {
      await startHost();
      const { sockets } = connect();
      await sockets.call('h1', input());
      const bad = createConnection(path.join(folder(), 'hosts/h1.sock'));
      bad.on('error', () => undefined).write(`${text}\n`);
      await new Promise((resolve) => bad.once('close', resolve));
      expect(await sockets.call('h1', input())).toMatchObject(answer);
    },
  );
});

describe.each(WAYS)('ends of durable calls %s', (way) => {
  goBy(way);
  const awaited = (callId: string, server = 'a') => ({ server, callId, queueTimeoutMs: 60_000 });
  const end = answer.type === 'answer' ? answer.answer : undefined;

  /** Connected already: a first call would only open the connection. */
  async function waiting() {
    const host = await startHost();
    const client = connect();
    await client.sockets.call('h1', input());
    const wait = (callId: string, server = 'a') => {
      const told = client.sockets.awaitEnd('h1', awaited(callId, server));
      if (!told) throw new Error('not connected');
      return told.answer;
    };
    return { host, client, wait };
  }

  it('are told with the answer that Temporal has', async () => {
    const { host, wait } = await waiting();
    const told = wait('call/a/1');
    const other = wait('call/a/2');
    await until('both', () => host.awaited.has('call/a/1') && host.awaited.has('call/a/2'));
    host.awaited.settle('call/a/1', end);
    expect(await told).toEqual(end);
    host.awaited.settle('call/a/2');
    expect(await other).toBeUndefined();
    expect(host.awaited.has('call/a/1')).toBe(false);
  });

  it('are left to Temporal when the host does not have the server, or loses it', async () => {
    const { host, wait } = await waiting();
    expect(await wait('call/b/1', 'b')).toBeUndefined();
    const told = wait('call/a/1');
    await until('it', () => host.awaited.has('call/a/1'));
    host.awaited.release('b');
    expect(host.awaited.has('call/a/1')).toBe(true);
    host.awaited.release('a');
    expect(await told).toBeUndefined();
  });

  it('are left to Temporal by one who asks only afterwards', async () => {
    const { host, wait } = await waiting();
    host.awaited.settle('call/a/1', end);
    expect(await wait('call/a/1')).toBeUndefined();
    const told = wait('call/a/2'); // the others go on
    await until('it', () => host.awaited.has('call/a/2'));
    host.awaited.settle('call/a/2', end);
    expect(await told).toEqual(end);
  });

  it('are left to Temporal when the host ends, or there is no connection yet', async () => {
    const { host, client, wait } = await waiting();
    const told = wait('call/a/1');
    await host.end();
    expect(await told).toBeUndefined();
    expect(client.sockets.awaitEnd('h1', awaited('call/a/2'))).toBeUndefined();
  });

  it('are told to each who waits for the same call, and not to one who has given up', async () => {
    const { host, client, wait } = await waiting();
    const told = wait('call/a/1');
    const again = client.sockets.awaitEnd('h1', awaited('call/a/1'));
    const third = wait('call/a/1');
    again?.forget();
    expect(await again?.answer).toBeUndefined();
    await until('it', () => host.awaited.has('call/a/1'));
    host.awaited.settle('call/a/1', end);
    expect(await Promise.all([told, third])).toEqual([end, end]);
  });

  it('are forgotten with the client that waited', async () => {
    const { host, client, wait } = await waiting();
    const told = wait('call/a/1');
    await until('it', () => host.awaited.has('call/a/1'));
    await client.end();
    await until('nobody waits', () => !host.awaited.has('call/a/1'));
    expect(await told).toBeUndefined();
  });

  it('are told to as many as wait, the oldest of which give way', async () => {
    const { host, wait } = await waiting();
    const all = Array.from({ length: 10_001 }, (_, n) => wait(`call/a/${n}`));
    expect(await all[0]).toBeUndefined();
    await until('the last', () => host.awaited.has('call/a/10000'));
    expect(host.awaited.has('call/a/0')).toBe(false);
    host.awaited.settle('call/a/1', end);
    expect(await all[1]).toEqual(end);
  });
});

/** Resolves when these hear this host; what they have heard until then is forgotten. */
async function heardListed(
  host: { notices: { publish(notification: Told): void } },
  ...all: HostNotification[][]
): Promise<void> {
  await until('a connection', () => {
    host.notices.publish(listed);
    return all.every((heard) => heard.length > 0);
  });
  await told(host, ...all);
  for (const heard of all) heard.length = 0;
}
