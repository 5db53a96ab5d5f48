import { withinBudget } from '../../../src/domain/schemas/budget';
import { LinearPattern } from '../../../src/domain/schemas/linear-pattern';
import { UnsupportedPattern } from '../../../src/domain/schemas/re2-syntax';

const PATTERNS = [
  ...['', 'a', '^a', 'a$', '^a$', '^a|b$', '.', '^.$', '^..$', '[^a]', '[^]', '[]', 'a[]?b'],
  ...[
    '\\d',
    '\\D',
    '^\\w+$',
    '\\W',
    '\\s',
    '\\S',
    '^\\S+$',
    '[\\s]',
    '[^\\s]',
    '^[\\S]$',
    '[\\d\\-]',
  ],
  ...[
    '\\bab',
    'a\\B',
    '[\\b]',
    '\\t|\\n|\\v|\\f|\\r',
    '\\0',
    '\\cJ',
    '\\x41',
    '\\u0041',
    '\\u{1F600}',
  ],
  ...['^\\ud83d\\ude00$', '\\ud83d', '^😀$', '[😀-😂]', '\\/', '\\.', '[.]', '[/]', '\\$', '[$^]'],
  ...['(?:a|b)+', '(a)(b)?', '(?<name>a)b', 'a{2}', 'a{1,}', '^a{0,2}$', 'a+?', 'a*?b', '(?:)'],
  ...[
    '\\p{L}',
    '^\\p{Lu}',
    '\\P{L}',
    '\\p{Letter}',
    '\\p{Script=Greek}',
    '[\\p{N}_]',
    '\\p{gc=Nd}',
  ],
  ...[
    '[[]',
    '[a[]',
    '[(?=]',
    '[(?<a]>',
    '[\\]]',
    '[\\\\]',
    '[a-c-]',
    '[-a]',
    '[+--]',
    '[[:alpha:]',
  ],
  ...['^[a-zA-Z0-9_-]{1,64}$', '^\\d{4}-\\d{2}-\\d{2}$', '^https?://[^\\s/]+', '^(\\+|-)?[0-9]+$'],
];
const TEXTS = [
  ...['', 'a', 'b', 'ab', 'aab', 'A', 'Z', '0', '12', '2024-05-06', '_', '-', '--', '.', '/', '\\'],
  ...[
    '[',
    ']',
    '^',
    '$',
    '(',
    '(?',
    ':',
    '=',
    '<',
    '>',
    ' ',
    '\t',
    '\n',
    '\v',
    '\f',
    '\r',
    '\0',
    '\b',
  ],
  ...[
    'a\n',
    '\na',
    'a\u2028',
    '\u2028',
    '\u2029',
    '\u00a0',
    '\ufeff',
    '\u3000',
    '\u0085',
    '\u180e',
  ],
  ...['é', 'ß', 'α', 'Ω', 'я', '中', '٣', '😀', '😁', 'a😀', '\ud83d', '\ude00', '\udfff', 'K'],
  ...['https://example.com/a', '+12', 'my_name-1', 'x'.repeat(65)],
];

test.each(PATTERNS)('%j matches what it matches in ECMAScript', (pattern) => {
  const native = new RegExp(pattern, 'u');
  const linear = new LinearPattern(pattern);
  const differing = TEXTS.filter(
    (text) => withinBudget((value) => linear.test(value), text) !== native.test(text),
  );
  expect(differing).toEqual([]);
});

test.each([
  ['(?=a)', 'it has a lookahead'],
  ['(?<!a)', 'it has a lookbehind'],
  ['(a)\\1', 'it has a backreference'],
  ['(?<n>a)\\k<n>', 'it has a backreference'],
  ['\\p{scx=Greek}', 'it has the property scx=Greek'],
  ['(', 'it is not a regular expression'],
  ['\\_', 'it is not a regular expression'],
  ['(?i)a', 'it is not a regular expression'],
  ['(?:[ab]{0,1000}){1000}', 'it cannot be matched in linear time'],
])('%j is refused', (pattern, why) => {
  expect(() => new LinearPattern(pattern)).toThrow(new UnsupportedPattern(why));
});

test('distinguishes two patterns by their text', () => {
  expect(String(new LinearPattern('a+'))).toBe('a+');
});

test('an automaton that was forgotten is made again', () => {
  const pattern = new LinearPattern('^[ab]*a[ab]{8}$');
  const test = (text: string) => withinBudget((value) => pattern.test(value), text);
  const long = 'ab'.repeat(5_000);
  const answers = Array.from({ length: 40 }, () => [test(long), test(`${long}c`)]);
  expect(new Set(answers.flat())).toEqual(new Set([false]));
  expect(test('aabababab')).toBe(true);
});
