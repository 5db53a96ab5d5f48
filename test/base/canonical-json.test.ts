import { canonicalJson } from '../../src/base/canonical-json';

test.each<[unknown, string]>([
  [null, 'null'],
  ['a "b"', '"a \\"b\\""'],
  [1.5, '1.5'],
  [-0, '0'],
  [true, 'true'],
  [[], '[]'],
  [{}, '{}'],
  [{ b: 1, a: { d: [2, 1], c: null } }, '{"a":{"c":null,"d":[2,1]},"b":1}'],
  [{ a: undefined, b: 1 }, '{"b":1}'],
  [[undefined, 1], '[null,1]'],
  [{ '10': 1, '9': 2 }, '{"10":1,"9":2}'],
  [{ '\u20ac': 1, '\u{1f600}': 2, '\ufb33': 3 }, '{"\u20ac":1,"\u{1f600}":2,"\ufb33":3}'],
])('%j becomes %s', (value, expected) => {
  expect(canonicalJson(value)).toBe(expected);
});

test('the order of members does not matter, that of items does', () => {
  expect(canonicalJson({ a: 1, b: [1, 2] })).toBe(canonicalJson({ b: [1, 2], a: 1 }));
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});

test('the text is JSON of an equal value', () => {
  const value = { z: [{ y: 1, x: 'é\n' }], a: { c: 1e21, b: false } };
  expect(JSON.parse(canonicalJson(value))).toEqual(value);
});
