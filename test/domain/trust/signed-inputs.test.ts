import { lastSubmissionMs, refusalOfInput } from '../../../src/domain/calls/call-binding';
import {
  inputOf,
  ORDER_VALID_MS,
  orderFor,
  refusalOfSignal,
  refusalOfUpdate,
} from '../../../src/domain/trust/signed-inputs';
import { isUnsigned, markUnsigned, UnsignedValue } from '../../../src/domain/trust/unsigned-values';

const NOW_MS = 1_800_000_000_000;

function unsigned<T extends object>(value: T): T {
  markUnsigned(value, 'missing');
  return value;
}

const stop = (atMs = NOW_MS) => orderFor('stop', { actor: 'anna' }, atMs);

test.each<[what: string, args: unknown[], refusal: string | undefined]>([
  ['a signed order', [stop()], undefined],
  ['one of a clock that is behind', [stop(NOW_MS - ORDER_VALID_MS)], undefined],
  ['one of a clock that is ahead', [stop(NOW_MS + ORDER_VALID_MS)], undefined],
  ['an unsigned order', [unsigned(stop())], 'was not signed'],
  ['no order', [], 'was not signed'],
  ['an unsigned text', [new UnsignedValue('x', 'missing')], 'was not signed'],
  ['an order for another update', [orderFor('start', {}, NOW_MS)], 'was not signed for "stop"'],
  [
    'what was signed as something else',
    [{ actor: 'anna', wait: true }],
    'was not signed for "stop"',
  ],
  ['an old one', [stop(NOW_MS - ORDER_VALID_MS - 1)], 'was signed 600 s ago'],
  ['one of the future', [stop(NOW_MS + ORDER_VALID_MS + 1)], 'was signed -600 s ago'],
  ['one without a time', [{ ...stop(), atMs: 'x' }], 'was signed NaN s ago'],
])('the update stop, given %s', (_what, args, refusal) => {
  const found = refusalOfUpdate('stop', args, NOW_MS);
  if (refusal === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(refusal);
});

test('accepts unsigned reads, which change nothing', () => {
  expect(refusalOfUpdate('read', [], NOW_MS)).toBeUndefined();
});

test.each<[signal: string, args: unknown[], isRefused: boolean]>([
  ['start', [], false],
  ['stop', [], false],
  ['end', [], false],
  ['sessionExited', [{ generation: 1 }], false],
  ['sessionExited', [unsigned({ generation: 1 })], true],
  ['sessionExited', [], true],
  ['granted', [null], false],
  ['granted', [new UnsignedValue(null, 'missing')], true],
  ['wake', [unsigned({ actor: 'x' })], true],
])('the signal %s with %j is refused: %s', (signal, args, isRefused) => {
  expect(refusalOfSignal(signal, args) !== undefined).toBe(isRefused);
});

test('handlers get the input, of orders and of histories without any', () => {
  expect(inputOf(stop())).toEqual({ actor: 'anna' });
  expect(inputOf({ actor: 'anna', wait: true })).toEqual({ actor: 'anna', wait: true });
  expect(inputOf(new UnsignedValue('x', 'missing'))).toBe('x');
});

test('marks the value itself as unsigned, not an equal one', () => {
  const value = { a: 1 };
  markUnsigned(value, 'wrong');
  expect([isUnsigned(value), isUnsigned({ a: 1 }), isUnsigned(null), isUnsigned('x')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

describe('the input of a call', () => {
  const binding = {
    id: 'call/files/1',
    server: 'files',
    submittedAtMs: NOW_MS,
    queueTimeoutMs: 30_000,
  };
  const found = { activityId: 'call/files/1', server: 'files', scheduledAtMs: NOW_MS + 20 };
  const last = lastSubmissionMs(binding, NOW_MS);

  test.each([
    ['where it was signed for', {}, undefined],
    ['as late as its client tries', { scheduledAtMs: last }, undefined],
    ['when clocks differ', { scheduledAtMs: NOW_MS - 60_000 }, undefined],
    ['under another id', { activityId: 'call/files/1~2' }, 'was signed for call/files/1'],
    ['on the queue of another server', { server: 'shell' }, 'was signed for "files"'],
    ['later', { scheduledAtMs: last + 1 }, 'too long ago'],
  ])('is found %s', (_where, over, refusal) => {
    const why = refusalOfInput(binding, { ...found, ...over });
    if (refusal === undefined) expect(why).toBeUndefined();
    else expect(why).toContain(refusal);
  });

  test('needs a time, unless it may run again', () => {
    expect(refusalOfInput({ ...binding, submittedAtMs: Number.NaN }, found)).toBeDefined();
    expect(refusalOfInput({ ...binding, submittedAtMs: undefined }, found)).toBeUndefined();
  });
});
