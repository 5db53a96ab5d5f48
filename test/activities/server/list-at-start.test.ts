import { listAtStart } from '../../../activities/server/list-at-start';
import { type ListedTools, type ToolCatalogue } from '../../../src/domain/catalogue/tools';
import { NoList } from '../../../src/mcp/lists/listing';

const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });
const before: ToolCatalogue = {
  ...{ server: 'files', toolsHash: 'a', tools: [tool('old')], listedAtMs: 0 },
};

const at = (known: ToolCatalogue | undefined, list: () => Promise<ListedTools>) =>
  listAtStart({ latest: async () => known }, 'files', { listTools: list });
const refusing = (isUnknown = false) => {
  const error = new NoList({ method: 'tools/list' }, 'returned an error', isUnknown);
  return () => Promise.reject(error);
};
const part = async () => ({ tools: [tool('new')], flaws: [], brokenOff: 'page 2 failed' });

test('a list is taken as it is', async () => {
  const listed = { tools: [tool('new')], flaws: [{ text: 'odd' }] };
  expect(await at(before, async () => listed)).toEqual(listed);
});

test.each([
  ['fails', refusing(), 'tools/list returned an error; keeping the previous list'],
  ['breaks off', part, 'page 2 failed; keeping the previous list'],
])('when it %s, what was listed before stays', async (_how, list, text) => {
  expect(await at(before, list)).toEqual({ tools: before.tools, flaws: [{ text }] });
});

test('without one of before, a part is better than nothing', async () => {
  const { tools, flaws } = await at(undefined, part);
  expect([tools, flaws[0]?.text]).toEqual([
    [tool('new')],
    'page 2 failed; only the entries before it are available',
  ]);
});

test('a server that does not know the method has no tools; any other failure is told', async () => {
  expect((await at(undefined, refusing(true))).tools).toEqual([]);
  await expect(at(undefined, refusing())).rejects.toThrow('tools/list returned an error');
});
