import { ForeignJsonError, parseForeignJson } from '../../src/base/foreign-json';

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

it.each([
  ['{"a":[1,{"b":null}]}', { a: [1, { b: null }] }],
  ['"[[[["', '[[[['],
  ['["\\"[[[", "\\\\", "]"]', ['"[[[', '\\', ']']],
  ['1e400', Infinity],
])('parses %s', (text, value) => {
  expect(parseForeignJson(text, 3)).toEqual(value);
});

it('takes as many levels as are allowed, and not one more', () => {
  expect(() => parseForeignJson(nested(256))).not.toThrow();
  expect(() => parseForeignJson(nested(257))).toThrow('is nested more than 256 levels deep');
  expect(() => parseForeignJson('{"a":'.repeat(300))).toThrow('levels deep');
});

it('counts levels, not brackets', () => {
  expect(() => parseForeignJson(`[${'[],'.repeat(5_000)}[]]`, 2)).not.toThrow();
});

it('takes as many arrays and objects as are allowed, and not one more', () => {
  expect(() => parseForeignJson(`[${'{},'.repeat(999_998)}{}]`)).not.toThrow();
  expect(() => parseForeignJson(`[${'[],'.repeat(999_999)}{}]`)).toThrow(
    'has more than 1000000 arrays and objects',
  );
  expect(() => parseForeignJson(`["${'['.repeat(2_000_000)}"]`)).not.toThrow();
});

it.each(['', '{', '"', '"\\"', '{"a":1', 'NaN', '[1,]', '\\"['])('refuses %j', (text) => {
  expect(() => parseForeignJson(text)).toThrow(ForeignJsonError);
});
