import { idOf, readMessage } from '../../../src/gateway/http/read-message';

const rpc = (members: object) => ({ jsonrpc: '2.0', ...members });

test.each([
  ['a request', rpc({ id: 1, method: 'ping' })],
  ['a request with params', rpc({ id: 'a', method: 'x', params: { a: [1] } })],
  ['an id that is empty or zero', rpc({ id: 0, method: 'x' })],
  ['a notification', rpc({ method: 'notifications/initialized' })],
  ['a result', rpc({ id: 1, result: {} })],
  ['an error', rpc({ id: 1, error: { code: -1, message: 'no', data: 3 } })],
  ['an error about something without an id', rpc({ id: null, error: { code: 1, message: '' } })],
])('%s is a message', (_what, value) => {
  expect(readMessage(value)).toBe(value);
});

test.each([
  ['null', null],
  ['text', 'ping'],
  ['a batch', [rpc({ id: 1, method: 'ping' })]],
  ['nothing of it', {}],
  ['another version', { jsonrpc: '1.0', id: 1, method: 'ping' }],
  ['no version', { id: 1, method: 'ping' }],
  ['an id that is null', rpc({ id: null, method: 'ping' })],
  ['an id that is an object', rpc({ id: {}, method: 'ping' })],
  ['an id that is too long', rpc({ id: 'x'.repeat(513), method: 'ping' })],
  ['an id beyond numbers', rpc({ id: Number.POSITIVE_INFINITY, method: 'ping' })],
  ['a method that is no text', rpc({ id: 1, method: 3 })],
  ['params that are a list', rpc({ id: 1, method: 'ping', params: [] })],
  ['params that are null', rpc({ id: 1, method: 'ping', params: null })],
  ['a result without an id', rpc({ result: {} })],
  ['a result that is no object', rpc({ id: 1, result: 3 })],
  ['result and error', rpc({ id: 1, result: {}, error: { code: 1, message: '' } })],
  ['an error without a code', rpc({ id: 1, error: { message: 'no' } })],
  ['only an id', rpc({ id: 1 })],
])('%s is none', (_what, value) => {
  expect(readMessage(value)).toBeUndefined();
});

test('the id of what is no message is told as far as there is one', () => {
  expect(idOf({ id: 7, method: 3 })).toBe(7);
  expect(idOf({ id: {} })).toBeNull();
  expect(idOf(undefined)).toBeNull();
});
