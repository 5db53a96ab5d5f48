import { nearMatches } from '../../src/base/nearest-names';

test.each<[string, string[], string[]]>([
  ['a missing letter', ['files'], ['files']],
  ['nothing alike', ['database'], []],
])('finds %s', (_what, candidates, expected) => {
  expect(nearMatches('file', candidates)).toEqual(expected);
});

test.each([
  ['ech', 'echo'],
  ['echoo', 'echo'],
  ['ecko', 'echo'],
  ['ehco', 'echo'],
  ['ECHO', 'echo'],
  ['list_file', 'list_files'],
  ['list-files', 'list_files'],
])('takes %s for %s', (typed, meant) => {
  expect(nearMatches(typed, ['unrelated', meant])).toEqual([meant]);
});

test('allows more differences in longer names', () => {
  expect(nearMatches('ab', ['cd'])).toEqual([]);
  expect(nearMatches('abcdef', ['abxyef'])).toEqual(['abxyef']);
  expect(nearMatches('abcdef', ['xyzdef'])).toEqual([]);
});

test('puts the nearest first, equal ones by name, and shows three', () => {
  const candidates = ['tool_xx', 'tool_d', 'tool_c', 'tool_b', 'tool_a'];
  expect(nearMatches('tool_a', candidates)).toEqual(['tool_a', 'tool_b', 'tool_c']);
});

test('copes with nothing', () => {
  expect(nearMatches('', ['a', 'long'])).toEqual(['a']);
  expect(nearMatches('anything', [])).toEqual([]);
});

test('does not compare names that are too long to be typed', () => {
  const long = 'n'.repeat(100_000);
  expect(nearMatches(`${long}a`, [`${long}b`])).toEqual([]);
});
