import { toHostFrame } from '../../../activities/host/host-frames';

const input = {
  ...{ callId: 'call/a/1', server: 'a', tool: 't', args: {}, digest: '', principal: 'p' },
  ...{ correlationId: 'c', timeoutMs: 1, queueTimeoutMs: 0 },
};

it.each([
  { type: 'hello' },
  { type: 'hello', gateway: 'g1' },
  { type: 'interest', servers: {} },
  { type: 'interest', servers: { a: { resources: ['file:///x'], logLevel: 'info' } } },
  { type: 'call', id: 1, input },
  { type: 'call', id: 1, input: { ...input, meta: {}, origin: { gateway: 'g' } } },
  { type: 'cancel', id: 1 },
  { type: 'await', server: 'a', callId: 'call/a/1' },
])('takes %j', (frame) => {
  expect(toHostFrame(frame)).toEqual(frame);
});

it.each([
  null,
  'hello',
  [],
  {},
  { type: 'other' },
  { type: 'hello', gateway: 1 },
  { type: 'interest' },
  { type: 'interest', servers: { a: 1 } },
  { type: 'interest', servers: { a: {} } },
  { type: 'interest', servers: { a: { resources: [1] } } },
  { type: 'interest', servers: { a: { resources: [], logLevel: 1 } } },
  { type: 'call', input },
  { type: 'call', id: 1 },
  { type: 'call', id: 1, input: { ...input, args: [] } },
  { type: 'call', id: 1, input: { ...input, server: undefined } },
  { type: 'call', id: 1, input: { ...input, timeoutMs: '1' } },
  { type: 'call', id: 1, input: { ...input, meta: 1 } },
  { type: 'cancel' },
  { type: 'await', server: 'a' },
  { type: 'await', server: 'a', callId: 'x'.repeat(513) },
])('refuses %j', (frame) => {
  expect(toHostFrame(frame)).toBeUndefined();
});
