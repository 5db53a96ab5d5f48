import { takeTools } from '../../../activities/server/follow-tools';
import { type ListedTools, type ToolCatalogue } from '../../../src/domain/catalogue/tools';
import { createMask } from '../../../src/process/mask';
import { openStore } from '../../../src/store/open-store';
import { useTemporaryFolder } from '../../temporary-folder';

const home = useTemporaryFolder();
const tools = (count: number): ListedTools => ({
  tools: Array.from({ length: count }, (_, index) => ({ name: `t${index}`, inputSchema: {} })),
  flaws: [],
});

test('a newer list of tools stays, however long an older one takes to look at', async () => {
  const store = await openStore(home());
  const taken: ToolCatalogue[] = [];
  const isolation = { sawTools: async (listed: ToolCatalogue) => void taken.push(listed) };
  const first = { server: 'files', toolsHash: 'first', tools: [], listedAtMs: 0 };
  const serving = { catalogue: first, mask: createMask([]) };
  const older = takeTools(store, isolation, serving, tools(300));
  const newer = takeTools(store, isolation, serving, tools(1));
  expect(await Promise.all([older, newer])).toEqual([false, true]);
  expect(serving.catalogue.tools).toHaveLength(1);
  expect(taken).toHaveLength(1);
  expect(await takeTools(store, isolation, serving, tools(1))).toBe(false);
  await store.close();
});
