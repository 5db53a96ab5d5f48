import { type ServerCatalogue } from '../../src/domain/catalogue/server-catalogue';
import { openStore } from '../../src/store/open-store';
import { type Store } from '../../src/store/store';
import { useTemporaryFolder } from '../temporary-folder';

const home = useTemporaryFolder();
let store: Store;
beforeEach(async () => {
  store = await openStore(home());
});
afterEach(() => store.close());

const offer = (server: string, more: Partial<ServerCatalogue> = {}): ServerCatalogue => ({
  server,
  serverInfo: { name: server, version: '1', icons: [{ src: 'data:,' }] },
  instructions: 'Be gentle.',
  capabilities: { resources: { subscribe: true }, experimental: { vendor: {} } },
  protocolVersion: '2025-11-25',
  era: 'legacy',
  resources: [{ uri: 'test://1', name: 'one', vendor: { kept: true } }],
  templates: [],
  prompts: [{ name: 'p' }],
  offerHash: 'h1',
  listedAtMs: 1,
  ...more,
});

test('the newest offer of each server is kept, with every member of it', async () => {
  await store.offers.put(offer('b'));
  await store.offers.put(offer('a'));
  await store.offers.put(offer('a', { prompts: [], offerHash: 'h2', listedAtMs: 2 }));
  expect(await store.offers.get('b')).toEqual(offer('b'));
  expect(await store.offers.list()).toEqual([
    offer('a', { prompts: [], offerHash: 'h2', listedAtMs: 2 }),
    offer('b'),
  ]);
  await store.offers.remove('a');
  expect(await store.offers.get('a')).toBeUndefined();
});
