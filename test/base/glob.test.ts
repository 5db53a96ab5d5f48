import { matchesGlob } from '../../src/base/glob';

test.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'any\nthing', true],
  ['?', 'a', true],
  ['?', '', false],
  ['a*', 'a', true],
  ['a*', 'ba', false],
  ['*a', 'ba', true],
  ['*a', 'ab', false],
  ['a*c', 'abc', true],
  ['a*c', 'abcd', false],
  ['a*b*c', 'a-b-b-c', true],
  ['*ab', 'aab', true],
  ['**', 'a', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['*?', '', false],
  ['a.c', 'abc', false],
  ['[a](b)+$', '[a](b)+$', true],
  ['github/*', 'github/create_issue', true],
  ['*', '*', true],
  ['a*', '*', false],
])('%j and %j: %p', (pattern, text, expected) => {
  expect(matchesGlob(pattern, text)).toBe(expected);
});

test('many stars and a long text take no time', () => {
  expect(matchesGlob(`${'*a'.repeat(40)}b`, 'a'.repeat(20_000))).toBe(false);
});
