import { accepts, isJsonBody } from '../../../src/gateway/http/media-types';

const stream = 'text/event-stream';

test.each([
  [undefined, true],
  ['*/*', true],
  ['text/event-stream', true],
  ['application/json, text/event-stream', true],
  ['application/json,text/event-stream;q=0.9', true],
  ['Text/Event-Stream', true],
  ['text/*', true],
  ['application/json, */*;q=0.1', true],
  ['', false],
  ['application/json', false],
  ['text/html', false],
  ['text/event-stream;q=0', false],
  ['text/event-stream; q=0.000', false],
  ['text/event-streams', false],
  ['application/*', false],
])('Accept: %s allows event streams: %s', (header, expected) => {
  expect(accepts(header, stream)).toBe(expected);
});

test.each([
  ['application/json', undefined, true],
  ['Application/JSON; charset=UTF-8', undefined, true],
  ['application/json;charset="utf-8"', undefined, true],
  ['application/json', 'identity', true],
  ['application/json; charset=latin1', undefined, false],
  ['application/json', 'gzip', false],
  ['application/jsonp', undefined, false],
  ['text/plain', undefined, false],
  ['application/x-www-form-urlencoded', undefined, false],
  ['', undefined, false],
  [undefined, undefined, false],
])('Content-Type: %s, Content-Encoding: %s is JSON: %s', (type, encoding, expected) => {
  const headers = {
    ...(type !== undefined && { 'content-type': type }),
    ...(encoding !== undefined && { 'content-encoding': encoding }),
  };
  expect(isJsonBody(headers)).toBe(expected);
});
