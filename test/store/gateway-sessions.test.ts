import { type GatewaySession } from '../../src/domain/endpoint/gateway-session';
import { openStore } from '../../src/store/open-store';
import { type Store } from '../../src/store/store';
import { useTemporaryFolder } from '../temporary-folder';

const home = useTemporaryFolder();
let store: Store;

beforeEach(async () => {
  store = await openStore(home());
});

afterEach(() => store.close());

const session = (id: string, more: Partial<GatewaySession> = {}): GatewaySession => ({
  id,
  principal: 'key:one',
  scope: 'all',
  protocolVersion: '2025-11-25',
  clientInfo: { name: 'client', version: '1' },
  capabilities: {},
  subscriptions: [],
  createdAtMs: 1_000,
  seenAtMs: 1_000,
  ...more,
});

describe('sessions of the gateway', () => {
  it('keep every member', async () => {
    const full = session('a', {
      capabilities: { elicitation: { form: {} } },
      logLevel: 'debug',
      subscriptions: ['file:///a'],
    });
    await store.gatewaySessions.add(full);
    expect(await store.gatewaySessions.get('a')).toEqual(full);
    await store.gatewaySessions.update(session('a', { subscriptions: ['b:c'] }));
    expect(await store.gatewaySessions.get('a')).toEqual(session('a', { subscriptions: ['b:c'] }));
  });

  it('are not brought back by an update after they were removed', async () => {
    await store.gatewaySessions.add(session('a'));
    await store.gatewaySessions.remove('a');
    await store.gatewaySessions.update(session('a'));
    expect(await store.gatewaySessions.get('a')).toBeUndefined();
  });

  it('are found by the time since their last use, and removed by it', async () => {
    for (const [id, seenAtMs] of [
      ['a', 10],
      ['b', 20],
      ['c', 30],
    ] as const) {
      await store.gatewaySessions.add(session(id, { seenAtMs }));
    }
    await store.gatewaySessions.add(session('x', { principal: 'key:two', seenAtMs: 5 }));
    await store.gatewaySessions.touch(['a', 'gone'], 40);
    expect(await store.gatewaySessions.oldest('key:one', 2)).toEqual(['b', 'c']);
    expect(await store.gatewaySessions.count('key:one')).toBe(3);
    expect(await store.gatewaySessions.removeUnseenSince(30)).toBe(2);
    expect(await store.gatewaySessions.count()).toBe(2);
  });
});
