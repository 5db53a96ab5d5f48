import { type DuplexPeer } from '../../../src/gateway/http/contract';
import { useTemporaryFolder } from '../../temporary-folder';
import { until } from '../http/front-harness';
import { envelope, type ModernGateway, startModern } from './modern-harness';
import { type JsonObject } from '../../../src/base/json';
import { type RpcId, type RpcMessage } from '../../../src/base/jsonrpc';
import { OPEN_POLICY } from '../open-policy';

const home = useTemporaryFolder();
let gateway: ModernGateway;
let peer: DuplexPeer;
let messages: RpcMessage[];

beforeEach(async () => {
  gateway = await startModern(home());
  messages = [];
  const identity = {
    ...{ principal: 'local:test', scope: { kind: 'server', name: 'tiny' } as const },
    limits: OPEN_POLICY.limits,
  };
  const outlet = {
    send: (message: RpcMessage) => void messages.push(message),
    closed: new AbortController().signal,
  };
  peer = await gateway.era.duplex.open(identity, outlet, {});
});

afterEach(() => gateway.close());

function request(id: RpcId, method: string, params: JsonObject = {}): void {
  peer.receive({ jsonrpc: '2.0', id, method, params: { ...params, _meta: envelope() } });
}

const wait = (ms: number) => ({ name: 'wait', arguments: { ms } });

it('refuses a connection to a server that there is not', async () => {
  const scope = { kind: 'server', name: 'nope' } as const;
  const identity = { principal: 'local:test', scope, limits: OPEN_POLICY.limits };
  const outlet = { send: () => undefined, closed: new AbortController().signal };
  await expect(gateway.era.duplex.open(identity, outlet, {})).rejects.toMatchObject({
    code: 'UNKNOWN_SERVER',
  });
});

it('answers requests without headers, in any order, and refuses those that are none of this version', async () => {
  request('slow', 'tools/call', wait(100));
  request(2, 'server/discover');
  request(3, 'no/such');
  peer.receive({ jsonrpc: '2.0', id: 4, method: 'tools/list' });
  peer.receive({ jsonrpc: '2.0', method: 'notifications/other' });
  peer.receive({ jsonrpc: '2.0', id: 5, result: {} });
  await until(() => messages.length === 4);
  const byId = new Map(messages.map((message) => ['id' in message && message.id, message]));
  expect(byId.get('slow')).toMatchObject({ result: { content: [{ text: 'waited' }] } });
  expect(byId.get(2)).toMatchObject({ result: { supportedVersions: ['2026-07-28'] } });
  expect(byId.get(3)).toMatchObject({ error: { code: -32601 } });
  expect(byId.get(4)).toMatchObject({ error: { code: -32602 } });
});

it('cancels a request by a notification, says nothing more of it, and takes its id again', async () => {
  request(1, 'tools/call', wait(60_000));
  await until(() => gateway.operations.running === 1);
  request(1, 'server/discover');
  await until(() => messages.length === 1);
  expect(messages).toMatchObject([{ id: 1, error: { code: -32600 } }]);
  peer.receive({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  await until(() => gateway.operations.cancelled.length === 1);
  request(1, 'server/discover');
  await until(() => messages.length === 2);
  expect(messages[1]).toMatchObject({ id: 1, result: { supportedVersions: ['2026-07-28'] } });
});

it('cancels what is under way when the connection is over', async () => {
  request(1, 'tools/call', wait(60_000));
  await until(() => gateway.operations.running === 1);
  peer.close('gone');
  await until(() => gateway.operations.running === 0);
  expect(messages).toEqual([]);
});

it('tells several subscriptions apart, and ends them with results', async () => {
  request('a', 'subscriptions/listen', { notifications: { toolsListChanged: true } });
  request('b', 'subscriptions/listen', { notifications: { promptsListChanged: true } });
  await until(() => messages.length === 2);
  gateway.catalogues.tools.pop();
  gateway.catalogues.changed('tools');
  await until(() => messages.length === 3);
  expect(messages[2]).toMatchObject({
    method: 'notifications/tools/list_changed',
    params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 'a' } },
  });
  gateway.era.close();
  await until(() => messages.length === 5);
  expect(messages.slice(3)).toMatchObject([{ id: 'a' }, { id: 'b' }]);
});
