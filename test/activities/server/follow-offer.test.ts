import { followOffer } from '../../../activities/server/follow-offer';
import { InFlight } from '../../../activities/server/in-flight';
import { type NotificationHub } from '../../../activities/host/server-notifications';
import { type ResourcesAndPrompts } from '../../../src/mcp/lists/listing';
import { openStore } from '../../../src/store/open-store';
import { stdioSpec } from '../../domain/samples';
import { until } from '../../e2e/until';
import { useTemporaryFolder } from '../../temporary-folder';
import { FakeConnection } from '../fake-connection';

const home = useTemporaryFolder();

test('a list that fails stays as it was, and what is odd is an event', async () => {
  const store = await openStore(home());
  const prompts = [{ name: 'greet' }];
  const flaws = [{ text: 'resource 2 has no "uri" (dropped)' }];
  const offers: ResourcesAndPrompts[] = [
    { prompts, resources: [{ uri: 'a:1', name: 'a' }], templates: [], flaws: [] },
    { prompts, templates: [], flaws },
  ];
  let changed: () => void = () => undefined;
  const connection = Object.assign(new FakeConnection(1), {
    listResourcesAndPrompts: async () => offers.shift() ?? { flaws },
    onNotification: (listener: (method: string, params: object) => void) => {
      changed = () => listener('notifications/resources/list_changed', {});
    },
  });
  const notices: NotificationHub = {
    ...{ publish: () => undefined, followInterest: () => () => undefined },
    subscribe: () => ({ setInterests: () => undefined, close: () => undefined }),
  };
  const serving = {
    ...{ ...connection.launched(), connection, spec: stdioSpec() },
    ...{ calls: new InFlight(), sinceMs: 0 },
  };
  followOffer({ store, notices }, 'files', serving);
  await until('the first list', async () => (await store.offers.get('files')) !== undefined);
  changed();
  await until('the flaws', async () => (await store.offers.get('files'))?.flaws?.length === 1);
  expect(await store.offers.get('files')).toMatchObject({
    ...{ prompts, resources: [{ uri: 'a:1', name: 'a' }], flaws },
  });
  const [event] = await store.events.list({ server: 'files', limit: 10 });
  expect(event?.reason).toContain('resource 2 has no "uri" (dropped)');
  connection.crash();
  await store.close();
});
