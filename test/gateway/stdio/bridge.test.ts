import { MainspringError } from '../../../src/base/errors';
import { Bridge } from '../../../src/gateway/stdio/bridge';

type Message = Record<string, unknown>;

/** A bridge with what each side has heard. */
function bridgeOf() {
  const client: Message[] = [];
  const bridge = new Bridge((json) => client.push(JSON.parse(json) as Message));
  const connect = (isNew = true, maxBytes = 10_000) => {
    const heard: Message[] = [];
    const send = (text: string) => void heard.push(JSON.parse(text) as Message);
    bridge.connected({ send, maxBytes, isNew });
    return heard;
  };
  const say = (message: object) => bridge.fromClient(JSON.stringify(message));
  const answer = (id: unknown, result: object = {}) =>
    bridge.fromGateway(JSON.stringify({ jsonrpc: '2.0', id, result }));
  return { bridge, client, connect, say, answer };
}

const request = (id: unknown, method = 'ping', params: object = {}) => ({
  ...{ jsonrpc: '2.0', id, method, params },
});
const call = (id: unknown, meta?: object) =>
  request(id, 'tools/call', { name: 'a', arguments: {}, ...(meta && { _meta: meta }) });
const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
const result = (id: unknown) => ({ jsonrpc: '2.0', id, result: {} });
const keyOf = (message: Message | undefined): unknown => {
  const { _meta } = message?.['params'] as { _meta?: Message };
  return _meta?.['mainspring/idempotencyKey'];
};

it('passes messages both ways, and what came before there was a way', () => {
  const { client, connect, say, answer, bridge } = bridgeOf();
  say(request(1));
  say(initialized);
  const heard = connect();
  say(request(2));
  expect(heard).toEqual([request(1), initialized, request(2)]);
  answer(2);
  answer(1);
  bridge.fromGateway(JSON.stringify(request('ask', 'roots/list')));
  expect(client).toEqual([result(2), result(1), request('ask', 'roots/list')]);
  expect(bridge.isBusy).toBe(false);
});

it('sends again what was not answered, with the same key, and answers it once', () => {
  const { bridge, client, connect, say, answer } = bridgeOf();
  const first = connect();
  say(call(1));
  say(call(2, { 'mainspring/idempotencyKey': 'mine' }));
  say(request(3));
  answer(3);
  bridge.disconnected();
  say(call(4));
  const second = connect();
  expect(second.map(({ id }) => id)).toEqual([1, 2, 4]);
  expect(second[0]).toEqual(first[0]);
  expect(keyOf(second[0])).toMatch(/^stdio\/.{36}$/);
  expect(keyOf(second[1])).toBe('mine');
  expect(keyOf(second[2])).not.toBe(keyOf(second[0]));
  answer(1);
  answer(1);
  answer(3);
  expect(client).toEqual([result(3), result(1)]);
});

it('leaves requests as they are that a key would not help', () => {
  const { connect, say } = bridgeOf();
  const heard = connect();
  const goesOn = request(1, 'tools/call', { name: 'a', requestState: 'x' });
  const read = request(2, 'resources/read', { uri: 'a:b' });
  const odd = request(3, 'tools/call', { name: 'a', _meta: [] });
  for (const one of [goesOn, read, odd]) say(one);
  expect(heard).toEqual([goesOn, read, odd]);
});

describe('the handshake', () => {
  const initialize = request(0, 'initialize', { protocolVersion: '2025-11-25' });
  const shake = () => {
    const all = bridgeOf();
    all.connect();
    all.say(initialize);
    all.answer(0);
    all.say(initialized);
    all.say(request(1));
    all.bridge.disconnected();
    return all;
  };

  it('is not made again when the session goes on', () => {
    expect(shake().connect(false)).toEqual([request(1)]);
  });

  it('is made again when the gateway has forgotten it, and the client does not hear of it', () => {
    const { connect, answer, client, say } = shake();
    const heard = connect(true);
    say(request(2));
    expect(heard).toEqual([{ ...initialize, id: 'mainspring/initialize' }]);
    answer('mainspring/initialize');
    expect(heard.slice(1)).toEqual([initialized, request(1), request(2)]);
    answer(1);
    expect(client).toEqual([result(0), result(1)]);
  });

  it('is sent again when it was not answered', () => {
    const { bridge, connect, say } = bridgeOf();
    connect();
    say(initialize);
    bridge.disconnected();
    expect(connect()).toEqual([initialize]);
    expect(bridge.hasSession).toBe(false);
  });
});

it('does not wait for what was cancelled, nor for what never ends', () => {
  const { bridge, client, connect, say, answer } = bridgeOf();
  connect();
  say(request(1));
  say(request(2, 'subscriptions/listen'));
  say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  expect(bridge.isBusy).toBe(false);
  answer(1);
  expect(client).toEqual([]);
  bridge.disconnected();
  expect(connect().map(({ id }) => id)).toEqual([2]);
});

it('answers itself what nobody else can', () => {
  const { bridge, client, connect, say } = bridgeOf();
  bridge.fromClient('{"jsonrpc"');
  bridge.fromClient('  ');
  bridge.fromClient('[]');
  say({ jsonrpc: '2.0', id: 7 });
  say(request(8));
  say(request(8));
  say(call(9, { text: 'x'.repeat(500) }));
  connect(true, 400);
  bridge.failAll(new MainspringError('NOT_RUNNING', 'gone'));
  expect(client.map(({ id, error }) => [id, (error as Message)['code']])).toEqual([
    ...[
      [null, -32700],
      [null, -32600],
      [7, -32600],
      [8, -32600],
      [9, -32600],
      [8, -32000],
    ],
  ]);
  expect(client.at(-1)).toMatchObject({
    error: { message: 'gone', data: { code: 'NOT_RUNNING' } },
  });
});

it('gives up a request that breaks every connection', () => {
  const { bridge, client, connect, say } = bridgeOf();
  say(request(1));
  for (let time = 0; time < 20; time += 1) {
    expect(connect()).toHaveLength(1);
    bridge.disconnected();
  }
  expect(connect()).toEqual([]);
  expect(client).toMatchObject([{ id: 1, error: { code: -32600 } }]);
});
