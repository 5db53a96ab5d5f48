import { type JsonObject } from '../../src/domain/calls';
import { validateArguments } from '../../src/domain/tool-arguments';

const copySchema: JsonObject = {
  type: 'object',
  properties: {
    source: { type: 'string', minLength: 1 },
    count: { type: 'integer', minimum: 1 },
    mode: { enum: ['fast', 'safe'] },
    options: {
      type: 'object',
      properties: { depth: { type: 'number' } },
      additionalProperties: false,
    },
    targets: { type: 'array', items: { type: 'string' } },
  },
  required: ['source'],
  additionalProperties: false,
};
const problemOf = (args: JsonObject, inputSchema: JsonObject = copySchema) =>
  validateArguments({ name: 'copy', inputSchema }, args);

test('arguments that fit are no problem', () => {
  expect(problemOf({ source: 'a', count: 2, mode: 'safe', options: { depth: 1.5 } })).toBe(
    undefined,
  );
});

test.each<[string, JsonObject, string]>([
  ['a missing member', {}, '"source" is missing'],
  ['a wrong type', { source: 1 }, '"source" must be of type string, got 1'],
  [
    'a value that is not offered',
    { source: 'a', mode: 'slow' },
    '"mode" must be one of "fast", "safe", got "slow"',
  ],
  ['a number out of range', { source: 'a', count: 0 }, '"count" must be >= 1, got 0'],
  [
    'a wrong type deep inside',
    { source: 'a', targets: ['b', 2] },
    '"targets.1" must be of type string, got 2',
  ],
  [
    'an unknown member deep inside, with a near one',
    { source: 'a', options: { dept: 1 } },
    '"options.dept" is not known; did you mean "depth"?',
  ],
  ['an unknown member', { source: 'a', zzzzzz: 1 }, '"zzzzzz" is not known'],
])('tells %s', (_what, args, expected) => {
  expect(problemOf(args)).toBe(expected);
});

test('tells several problems at once', () => {
  const problem = problemOf({ count: 'x', mode: 1 });
  expect(problem).toContain('"source" is missing');
  expect(problem).toContain('"count" must be of type integer');
  expect(problem).toContain('"mode" must be one of');
});

test('cuts long values', () => {
  const problem = problemOf({ source: 'a', count: 'x'.repeat(5_000) });
  expect(problem?.length).toBeLessThan(200);
});

test('says what alternatives miss', () => {
  const inputSchema = { anyOf: [{ required: ['path'] }, { required: ['url'] }] };
  expect(problemOf({}, inputSchema)).toBe('"path" is missing; "url" is missing');
});

test('a schema that cannot be read blocks nothing', () => {
  expect(problemOf({ any: 1 }, { type: 'nonsense' })).toBeUndefined();
  expect(problemOf({ any: 1 }, { $ref: '#/nowhere' })).toBeUndefined();
});

test('two servers may use the same $id', () => {
  const of = (type: string) => ({ $id: 'https://example.com/a', properties: { a: { type } } });
  expect(problemOf({ a: 1 }, of('string'))).toContain('must be of type string');
  expect(problemOf({ a: 1 }, of('number'))).toBeUndefined();
});

test('a schema of an older draft is read as such', () => {
  const inputSchema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    properties: { pair: { type: 'array', items: [{ type: 'string' }, { type: 'number' }] } },
  };
  expect(problemOf({ pair: ['a', 'b'] }, inputSchema)).toBe(
    '"pair.1" must be of type number, got "b"',
  );
});
