import { hiddenCharacters } from '../../src/validation/hidden-characters';
import {
  promptProblems,
  resourceProblems,
  templateProblems,
  toolProblems,
} from '../../src/validation/list-problems';

const tool = (over: object = {}) => ({
  ...{ name: 'echo', description: 'Returns its text', inputSchema: { type: 'object' } },
  ...over,
});
const texts = (problems: { status: string; text: string }[]) =>
  problems.map(({ status, text }) => `${status}: ${text}`);

describe('tools', () => {
  test.each<[what: string, over: object, says: string | undefined]>([
    ['a good one', {}, undefined],
    ['64 characters', { name: 'x'.repeat(64) }, undefined],
    ['65 characters', { name: 'x'.repeat(65) }, 'warning: the name of'],
    ['a dot', { name: 'a.b' }, 'warning: the name of tool "a.b" has characters other than'],
    ['no name', { name: undefined }, 'failed: tool 1 has no name'],
    ['no schema', { inputSchema: undefined }, 'failed: tool "echo" has no "inputSchema"'],
    ['a schema without a type', { inputSchema: {} }, 'failed: the inputSchema of tool "echo"'],
    [
      'a schema that refers elsewhere',
      { inputSchema: { type: 'object', $ref: 'https://example.com/a' } },
      'warning: the arguments of tool "echo" are not checked: it references',
    ],
    [
      'a pattern that is not matched',
      { inputSchema: { type: 'object', properties: { a: { pattern: '(?=a)' } } } },
      'warning: the arguments of tool "echo" are partly checked: the pattern',
    ],
    [
      'a pattern that is none',
      { inputSchema: { type: 'object', properties: { a: { pattern: '(' } } } },
      'failed: the inputSchema of tool "echo" is not a valid JSON Schema: the pattern "("',
    ],
    [
      'an output that refers elsewhere',
      { outputSchema: { $ref: 'https://example.com/a' } },
      'warning: the tool "echo" has an outputSchema that clients cannot compile',
    ],
    [
      'an output that is a list',
      { outputSchema: { type: 'array' } },
      'warning: the tool "echo" has an outputSchema that does not describe an object',
    ],
    [
      'a member that allows anything',
      { inputSchema: { type: 'object', properties: { a: true } } },
      'warning: the tool "echo" has inputSchema.properties.a that is true',
    ],
    [
      'a title that is none',
      { title: 5 },
      'warning: the tool "echo" has title, which clients reject',
    ],
    ['a bad output', { outputSchema: { type: 'text' } }, 'failed: the outputSchema of tool "echo"'],
    ['a blank description', { description: ' ' }, 'warning: tool "echo" has no description'],
    ['hidden text', { title: 'a\u200bb' }, 'warning: tool "echo" has hidden characters: U+200B'],
  ])('%s', (_what, over, says) => {
    const found = texts(toolProblems([JSON.parse(JSON.stringify(tool(over)))]));
    if (says === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(says)]);
  });

  test('of one name are told once', () => {
    expect(texts(toolProblems([tool(), tool(), tool()]))).toEqual([
      'failed: the name "echo" appears more than once',
    ]);
  });
});

test('prompts need names, and named arguments', () => {
  const prompt = { name: 'sum', description: 'Sums up', arguments: [{ name: 'text' }] };
  expect(promptProblems([prompt])).toEqual([]);
  expect(texts(promptProblems([{ ...prompt, arguments: [{}] }]))).toEqual([
    'failed: the arguments of prompt "sum" are not a list of named arguments',
  ]);
});

test('resources need URIs, and templates need closed braces', () => {
  const file = { uri: 'file:///a', name: 'a' };
  expect(resourceProblems([file])).toEqual([]);
  expect(texts(resourceProblems([file, { ...file, uri: 'a' }]))).toEqual([
    'failed: resource "a" has no valid "uri"',
  ]);
  expect(templateProblems([{ uriTemplate: 'file:///{path}', name: 'a' }])).toEqual([]);
  expect(texts(templateProblems([{ uriTemplate: 'file:///{path', name: 'a' }]))).toEqual([
    'failed: resource template "a" has no valid "uriTemplate"',
  ]);
});

test.each([
  ['plain text\nand\ttabs', []],
  ['emoji 👩‍👩‍👧 ❤️', []],
  ['\u202ereversed', ['U+202E']],
  ['tags \u{E0041}\u{E0042}', ['U+E0041', 'U+E0042']],
  ['an escape \u001b[8m', ['U+001B']],
  ['smuggled \u{E0101}', ['U+E0101']],
])('%j hides %j', (text, hidden) => {
  expect(hiddenCharacters({ deep: [{ text }] })).toEqual(hidden);
  expect(hiddenCharacters({ [text]: 1 })).toEqual(hidden);
});
