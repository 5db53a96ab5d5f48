import { splitWords } from '../../src/base/split-words';

it.each([
  ['a b  c', ['a', 'b', 'c']],
  [' a ', ['a']],
  ['', []],
  [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
  [`a"b c"d`, ['ab cd']],
  [`'' a`, ['', 'a']],
  [String.raw`a\ b "c\"d" 'e\f'`, ['a b', 'c"d', String.raw`e\f`]],
  [`a 'b`, undefined],
  [`a "b`, undefined],
  ['a\\', undefined],
])('splits %j', (line, words) => {
  expect(splitWords(line)).toEqual(words);
});
