import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type CallRecord } from '../../src/domain/calls/calls';
import { type ServerEvent } from '../../src/domain/events';
import { type GatewayTask } from '../../src/domain/endpoint/gateway-task';
import { CATALOGUES_PER_SERVER } from '../../src/store/tool-catalogues';
import { createCallWriter } from '../../src/store/call-writer';
import { openStore } from '../../src/store/open-store';
import { type Store } from '../../src/store/store';
import { useTemporaryFolder } from '../temporary-folder';

const home = useTemporaryFolder();
let store: Store;

beforeEach(async () => {
  store = await openStore(home());
});

afterEach(() => store.close());

const event = (id: string, more: Partial<ServerEvent> = {}): ServerEvent => ({
  id,
  server: 'alpha',
  atMs: 1_000,
  kind: 'note',
  reason: `reason of ${id}`,
  actor: 'mainspring',
  ...more,
});

const call = (callId: string, more: Partial<CallRecord> = {}): CallRecord => ({
  callId,
  server: 'alpha',
  tool: 'echo',
  principal: 'local:me',
  correlationId: 'c1',
  status: 'queued',
  submittedAtMs: 1_000,
  ...more,
});

const ids = (events: { id: string }[]) => events.map(({ id }) => id);

describe('the event log', () => {
  it('keeps every member of an event, and adds none', async () => {
    const full = event('1', {
      kind: 'transition',
      from: 'STOPPED',
      to: 'STARTING',
      correlationId: 'c',
      generation: 3,
    });
    await store.events.append([full, event('2')]);
    expect(await store.events.list({ limit: 10 })).toEqual([
      { ...full, position: 1 },
      { ...event('2'), position: 2 },
    ]);
  });

  it('stores an event once however often it is appended', async () => {
    await store.events.append([event('1'), event('1'), event('2')]);
    await store.events.append([event('2', { reason: 'another' }), event('3')]);
    const events = await store.events.list({ limit: 10 });
    expect(ids(events)).toEqual(['1', '2', '3']);
    expect(events[1]?.reason).toBe('reason of 2');
  });

  it('lists the newest events oldest first, and follows from a position', async () => {
    await store.events.append([event('1'), event('2'), event('3'), event('4')]);
    const newest = await store.events.list({ limit: 2 });
    expect(ids(newest)).toEqual(['3', '4']);

    await store.events.append([event('5'), event('6')]);
    const after = newest.at(-1)?.position ?? 0;
    expect(ids(await store.events.list({ after, limit: 1 }))).toEqual(['5']);
    expect(ids(await store.events.list({ after, limit: 9 }))).toEqual(['5', '6']);
  });

  it('lists and clears the events of one server', async () => {
    await store.events.append([event('1'), event('2', { server: 'beta' }), event('3')]);
    expect(ids(await store.events.list({ server: 'beta', limit: 9 }))).toEqual(['2']);
    expect(await store.events.clear('alpha')).toBe(2);
    expect(ids(await store.events.list({ limit: 9 }))).toEqual(['2']);
    expect(await store.events.clear()).toBe(1);
  });

  it('never gives a position twice, so that followers miss nothing after a clear', async () => {
    await store.events.append([event('1'), event('2')]);
    await store.events.clear();
    await store.events.append([event('3')]);
    expect(await store.events.list({ limit: 9 })).toMatchObject([{ id: '3', position: 3 }]);
  });

  it('takes more events at once than fit into one statement, and nothing at all', async () => {
    const many = Array.from({ length: 1_234 }, (_, index) => event(`e${index}`));
    await store.events.append(many);
    await store.events.append([]);
    expect(ids(await store.events.list({ limit: 2_000 }))).toEqual(ids(many));
  });
});

describe('the call index', () => {
  it('keeps every member of a record', async () => {
    const full = call('a', {
      status: 'unknown',
      endedAtMs: 1_020,
      queuedMs: 3.25,
      ranMs: 16.5,
      host: 'h1',
      generation: 2,
      epoch: 1,
      error: { code: 'OUTCOME_UNKNOWN', message: 'm', fix: 'f' },
    });
    await store.calls.put([full]);
    expect(await store.calls.get('a')).toEqual(full);
    expect(await store.calls.get('b')).toBeUndefined();
  });

  it('replaces a record by a later state, and never a finished one by an unfinished one', async () => {
    await store.calls.put([call('a')]);
    await store.calls.put([call('a', { status: 'running' })]);
    expect(await store.calls.get('a')).toMatchObject({ status: 'running' });
    await store.calls.put([call('a', { status: 'ok', endedAtMs: 2_000 })]);
    await store.calls.put([call('a', { status: 'queued' }), call('a', { status: 'running' })]);
    expect(await store.calls.get('a')).toMatchObject({ status: 'ok', endedAtMs: 2_000 });
  });

  it('lists the newest first, of one server or all', async () => {
    await store.calls.put([
      call('a', { submittedAtMs: 1 }),
      call('b', { submittedAtMs: 3, server: 'beta' }),
      call('c', { submittedAtMs: 2 }),
    ]);
    const idsOf = (records: CallRecord[]) => records.map(({ callId }) => callId);
    expect(idsOf(await store.calls.list({ limit: 2 }))).toEqual(['b', 'c']);
    expect(idsOf(await store.calls.list({ server: 'alpha', limit: 9 }))).toEqual(['c', 'a']);
  });

  it('removes calls that are older than requested', async () => {
    await store.calls.put([call('old'), call('new', { submittedAtMs: Date.now() })]);
    expect(await store.calls.removeOlderThan(3_600_000)).toBe(1);
    expect(await store.calls.get('old')).toBeUndefined();
    expect(await store.calls.get('new')).toBeDefined();
  });
});

describe('the call writer', () => {
  it('stores records that arrive together as one batch, in order, before it resolves', async () => {
    const batches: CallRecord[][] = [];
    const put = async (records: readonly CallRecord[]) => void batches.push([...records]);
    const writer = createCallWriter({ put }, (storing) => storing);
    const all = [call('a'), call('a', { status: 'ok' }), call('b')];
    await Promise.all(all.map((record) => writer.write(record)));
    expect(batches).toEqual([all]);
    await writer.write(call('c'));
    expect(batches).toHaveLength(2);
  });

  it('stores many records in several batches, so that none of them blocks the event loop for long', async () => {
    const sizes: number[] = [];
    const put = async (records: readonly CallRecord[]) => void sizes.push(records.length);
    const writer = createCallWriter({ put }, (storing) => storing);
    await Promise.all(Array.from({ length: 300 }, (_, at) => writer.write(call(`many-${at}`))));
    expect(sizes).toEqual([128, 128, 44]);
  });

  it('reports what the index throws before it begins to write', async () => {
    const problems: string[] = [];
    const put = () => {
      throw new Error('closed');
    };
    const writer = createCallWriter({ put }, (storing) =>
      storing.catch((error: unknown) => void problems.push(String(error))),
    );
    await writer.write(call('a'));
    expect(problems).toEqual(['Error: closed']);
  });

  it('reports a failed batch once, and continues', async () => {
    const problems: string[] = [];
    let failures = 1;
    const put = async (records: readonly CallRecord[]) => {
      if (failures-- > 0) throw new Error('disk full');
      await store.calls.put(records);
    };
    const writer = createCallWriter({ put }, (storing) =>
      storing.catch((error: unknown) => void problems.push(String(error))),
    );
    await Promise.all([writer.write(call('a')), writer.write(call('b'))]);
    expect(problems).toEqual(['Error: disk full']);
    await writer.write(call('c'));
    expect(await store.calls.get('c')).toBeDefined();
  });
});

describe('the catalogue', () => {
  const tools = [{ name: 'echo', inputSchema: { type: 'object' }, 'x-odd': [1, null] }];
  const catalogue = (toolsHash: string, listedAtMs: number, server = 'alpha') => ({
    server,
    toolsHash,
    tools,
    listedAtMs,
  });

  it('returns tools by hash and the latest, with members it does not know', async () => {
    await store.catalogue.put(catalogue('h1', 1));
    await store.catalogue.put(catalogue('h2', 2));
    expect(await store.catalogue.get('alpha', 'h1')).toEqual(catalogue('h1', 1));
    expect(await store.catalogue.latest('alpha')).toEqual(catalogue('h2', 2));
    await store.catalogue.put(catalogue('h1', 3));
    expect(await store.catalogue.latest('alpha')).toEqual(catalogue('h1', 3));
    expect(await store.catalogue.latest('beta')).toBeUndefined();
  });

  it('returns the newest gaps in the checks of their arguments', async () => {
    const unchecked = [
      { tool: 'echo', kind: 'invalid' as const, what: 'schema' as const, reason: 'it is odd' },
    ];
    await store.catalogue.put(catalogue('h1', 1, 'delta'));
    expect(await store.catalogue.latest('delta')).not.toHaveProperty('unchecked');
    await store.catalogue.put({ ...catalogue('h1', 2, 'delta'), unchecked });
    expect(await store.catalogue.get('delta', 'h1')).toMatchObject({ listedAtMs: 2, unchecked });
  });

  it('keeps the approved catalogue, however many come after it', async () => {
    await store.catalogue.put(catalogue('approved', 1, 'gamma'));
    for (let time = 2; time <= CATALOGUES_PER_SERVER + 3; time += 1) {
      await store.catalogue.put(catalogue(`h${time}`, time, 'gamma'), 'approved');
    }
    expect(await store.catalogue.get('gamma', 'approved')).toBeDefined();
    expect(await store.catalogue.get('gamma', 'h2')).toBeUndefined();
  });

  it('keeps the newest few of each server', async () => {
    await store.catalogue.put(catalogue('other', 0, 'beta'));
    for (let time = 1; time <= CATALOGUES_PER_SERVER + 1; time += 1) {
      await store.catalogue.put(catalogue(`h${time}`, time));
    }
    expect(await store.catalogue.get('alpha', 'h1')).toBeUndefined();
    expect(await store.catalogue.get('alpha', 'h2')).toBeDefined();
    expect(await store.catalogue.get('beta', 'other')).toBeDefined();
    await store.catalogue.remove('alpha');
    expect(await store.catalogue.latest('alpha')).toBeUndefined();
  });
});

describe('large results', () => {
  it("are returned unchanged, even above Temporal's limit", async () => {
    const large = { content: [{ type: 'text', text: 'ü\n"'.repeat(3_000_000) }] };
    await store.results.put('call/alpha/1', large);
    expect(await store.results.get('call/alpha/1')).toEqual(large);
    expect(await store.results.get('call/alpha/2')).toBeUndefined();
  });

  it('are replaced when they are written again, also at the same time', async () => {
    await Promise.all(
      [1, 2, 3, 4, 5].map((value) =>
        store.results.put('ref', { value, fill: 'x'.repeat(100_000) }),
      ),
    );
    expect(await store.results.get('ref')).toHaveProperty('value');
    await store.results.put('ref', { value: 'last' });
    expect(await store.results.get('ref')).toEqual({ value: 'last' });
  });

  it('are removed when they are older than requested', async () => {
    expect(await store.results.removeOlderThan(0)).toBe(0);
    await store.results.put('a', {});
    await store.results.put('b', {});
    expect(await store.results.removeOlderThan(3_600_000)).toBe(0);
    expect(await store.results.removeOlderThan(-1_000)).toBe(2);
    expect(await store.results.get('a')).toBeUndefined();
  });

  it('are removed also beside strange files, which stay', async () => {
    await store.results.put('a', {});
    await store.results.put('b', {});
    const folder = path.join(home(), 'results');
    const [shard = ''] = await readdir(folder);
    const odd = ['.DS_Store', 'ff.txt', path.join(shard, '.DS_Store')];
    for (const name of odd) await writeFile(path.join(folder, name), '');
    const named = `${shard}${'0'.repeat(62)}.json`;
    await mkdir(path.join(folder, shard, named), { recursive: true });
    await mkdir(path.join(folder, 'lost+found'));
    await symlink('nowhere', path.join(folder, '00'));
    await writeFile(path.join(folder, '01'), ''); // where a folder should be
    await expect(store.results.removeOlderThan(-1_000)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining(path.join(folder, '01')) as string,
    });
    expect([await store.results.get('a'), await store.results.get('b')]).toEqual([
      undefined,
      undefined,
    ]);
    const left = await readdir(folder, { recursive: true });
    expect(left).toEqual(expect.arrayContaining([...odd, path.join(shard, named), 'lost+found']));
  });

  it('cannot leave the data directory, whatever their reference is', async () => {
    await store.results.put('../../../etc/passwd', { a: 1 });
    expect(await store.results.get('../../../etc/passwd')).toEqual({ a: 1 });
  });
});

describe('lock texts', () => {
  it('are returned by their digest, and are stored once', async () => {
    await store.locks.put('d1', '{"lockfileVersion": 3}\n');
    await store.locks.put('d1', '{"lockfileVersion": 3}\n');
    expect(await store.locks.get('d1')).toBe('{"lockfileVersion": 3}\n');
    expect(await store.locks.get('d2')).toBeUndefined();
  });
});

it('everything that is written is private to its owner', async () => {
  await store.events.append([event('1')]);
  await store.results.put('a', { secret: true });
  for (const name of await readdir(home(), { recursive: true })) {
    const found = await stat(path.join(home(), name));
    expect([name, found.mode & 0o077]).toEqual([name, 0]);
  }
});

describe('tasks of clients', () => {
  const task = (taskId: string, more: Partial<GatewayTask> = {}): GatewayTask => ({
    ...{ taskId, principal: 'p', scope: 'all', server: 'alpha', tool: 'alpha__echo' },
    ...{ createdAtMs: 1_000, ttlMs: 500, ...more },
  });
  const listed = async (more: object = {}) => {
    const query = { principal: 'p', scope: 'all', nowMs: 1_200, limit: 10, ...more };
    return (await store.gatewayTasks.list(query)).map(({ taskId }) => taskId);
  };

  it('are kept as they were first, until they expire', async () => {
    const { gatewayTasks } = store;
    await gatewayTasks.add(task('1'));
    await gatewayTasks.add(task('1', { ttlMs: 9_000 }));
    expect(await gatewayTasks.get('1')).toEqual(task('1'));
    await gatewayTasks.cancelled('1', 1_100);
    await gatewayTasks.cancelled('1', 1_300);
    expect(await gatewayTasks.get('1')).toEqual(task('1', { cancelledAtMs: 1_100 }));
    expect(await gatewayTasks.removeExpired(1_499)).toBe(0);
    expect(await gatewayTasks.removeExpired(1_500)).toBe(1);
    expect(await gatewayTasks.get('1')).toBeUndefined();
  });

  it('are listed page by page for whom they belong to', async () => {
    const { gatewayTasks } = store;
    await gatewayTasks.add(task('b'));
    await gatewayTasks.add(task('a'));
    await gatewayTasks.add(task('later', { createdAtMs: 1_100 }));
    await gatewayTasks.add(task('expired', { ttlMs: 100 }));
    await gatewayTasks.add(task('of another', { principal: 'q' }));
    await gatewayTasks.add(task('elsewhere', { scope: 'server/alpha' }));
    expect(await listed()).toEqual(['a', 'b', 'later']);
    expect(await listed({ limit: 2 })).toEqual(['a', 'b']);
    expect(await listed({ after: { createdAtMs: 1_000, taskId: 'a' } })).toEqual(['b', 'later']);
    expect(await listed({ after: { createdAtMs: 1_100, taskId: 'later' } })).toEqual([]);
  });
});
