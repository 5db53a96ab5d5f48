import { examineTools } from '../../../activities/server/examine-tools';
import { type ToolDefinition } from '../../../src/domain/catalogue/tools';
import { openStore } from '../../../src/store/open-store';
import { type Store } from '../../../src/store/store';
import { useTemporaryFolder } from '../../temporary-folder';

const home = useTemporaryFolder();
let store: Store;

beforeEach(async () => {
  store = await openStore(home());
});
afterEach(() => store.close());

const good: ToolDefinition = { name: 'good', inputSchema: { type: 'object' } };
const bad: ToolDefinition = { name: 'bad', inputSchema: { $ref: 'https://example.com/a' } };

const mask = (text: string) => text.replaceAll('hush', '***');
let clock = 0;
const list = async (toolsHash: string, tools: ToolDefinition[]) => {
  clock += 1;
  const listed = { server: 'files', toolsHash, tools, listedAtMs: clock };
  await store.catalogue.put(await examineTools(store, listed, mask));
};
const reasons = async () =>
  (await store.events.list({ server: 'files', limit: 10 })).map(({ reason }) => reason);

test('a list is stored with what is not checked', async () => {
  await list('a', [good, bad]);
  const stored = await store.catalogue.latest('files');
  expect(stored?.unchecked?.map(({ tool, what }) => [tool, what])).toEqual([['bad', 'schema']]);
});

test('a secret that a schema repeats is hidden', async () => {
  await list('a', [{ name: 'bad', inputSchema: { $ref: 'https://example.com/hush' } }]);
  const { unchecked } = (await store.catalogue.latest('files')) ?? {};
  expect(JSON.stringify([unchecked, await reasons()])).not.toContain('hush');
});

test('a server whose tools are all checked is nothing to tell', async () => {
  await list('a', [good]);
  expect(await reasons()).toEqual([]);
  expect((await store.catalogue.latest('files'))?.unchecked).toEqual([]);
});

test('each change is told once', async () => {
  await list('a', [bad]);
  await list('a', [bad]);
  await Promise.all([list('b', [good]), list('b', [good])]); // two replicas
  await list('a', [bad]);
  expect(await reasons()).toEqual([
    expect.stringContaining('bad (not checked: it references "https://example.com/a"'),
    'the arguments of all tools are checked before calls again',
    expect.stringContaining('bad'),
  ]);
});

test('lists of before are looked at when they come again', async () => {
  await store.catalogue.put({ server: 'files', toolsHash: 'a', tools: [bad], listedAtMs: 0 });
  expect((await store.catalogue.latest('files'))?.unchecked).toBeUndefined();
  await list('a', [bad]);
  expect((await store.catalogue.latest('files'))?.unchecked).toHaveLength(1);
  expect(await reasons()).toHaveLength(1);
});

test('more schemas than anybody needs are not all looked at', async () => {
  const large = (index: number): ToolDefinition => ({
    ...{ name: `t${index}`, inputSchema: { description: 'x'.repeat(200_000) } },
  });
  await list('a', [0, 1, 2, 3, 4, 5, 6, 7].map(large));
  const { unchecked = [] } = (await store.catalogue.latest('files')) ?? {};
  expect(unchecked.map(({ tool, reason }) => [tool, reason])).toEqual([
    ['t5', expect.stringContaining('more than 1048576 characters')],
  ]);
});

test('what is odd in a list is kept with it, told when it changes, and masked', async () => {
  const flawed = async (text?: string) => {
    clock += 1;
    const flaws = text === undefined ? [] : [{ item: 'good', text }];
    const listed = { server: 'files', toolsHash: 'a', tools: [good], flaws, listedAtMs: clock };
    await store.catalogue.put(await examineTools(store, listed, mask));
  };
  await flawed('the tool "hush" has no inputSchema');
  await flawed('the tool "hush" has no inputSchema');
  expect((await store.catalogue.latest('files'))?.flaws).toEqual([
    { item: 'good', text: 'the tool "***" has no inputSchema' },
  ]);
  await flawed();
  expect(await reasons()).toEqual([
    'lists were corrected before they were passed on: the tool "***" has no inputSchema',
    'lists are passed on unchanged again',
  ]);
});
