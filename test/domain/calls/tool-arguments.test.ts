import { validateArguments } from '../../../src/domain/calls/tool-arguments';
import { type JsonObject } from '../../../src/base/json';

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
    '"options.dept" is unknown; did you mean "depth"?',
  ],
  ['an unknown member', { source: 'a', zzzzzz: 1 }, '"zzzzzz" is unknown'],
])('tells %s', (_what, args, expected) => {
  expect(problemOf(args)).toBe(expected);
});

test('reports several problems at once', () => {
  const problem = problemOf({ count: 'x', mode: 1 });
  expect(problem).toContain('"source" is missing');
  expect(problem).toContain('"count" must be of type integer');
  expect(problem).toContain('"mode" must be one of');
});

test('cuts long values', () => {
  const problem = problemOf({ source: 'a', count: 'x'.repeat(5_000) });
  expect(problem?.length).toBeLessThan(200);
});

test('reports what alternatives miss', () => {
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

test('no schema changes what another one means', () => {
  const metaschema = 'https://json-schema.org/draft/2020-12/schema';
  const strict = { type: 'object', properties: { s: { type: 'string' } }, required: ['s'] };
  const taking: JsonObject[] = [
    { $id: metaschema, type: 'object', properties: {} },
    { $id: metaschema, $defs: { a: { $id: `${metaschema}#` } }, not: {} },
    { $id: 'http://json-schema.org/draft-07/schema#', $schema: metaschema },
    { $schema: 'https://example.com/mine', $id: 'https://example.com/mine', not: {} },
  ];
  for (const [index, schema] of taking.entries()) {
    problemOf({}, schema);
    const title = `another server, ${index}`;
    expect(problemOf({}, { ...strict, title })).toBe('"s" is missing');
    expect(
      problemOf({}, { ...strict, title, $schema: 'http://json-schema.org/draft-07/schema' }),
    ).toBe('"s" is missing');
  }
});

test('a schema refers to its own parts, and to nothing else', () => {
  const $defs = { text: { $anchor: 'text', type: 'string' } };
  const $id = 'https://example.com/own';
  for (const $ref of ['#/$defs/text', '#text', `${$id}#text`, 'own#/$defs/text']) {
    expect(problemOf({ a: 1 }, { $id, $defs, properties: { a: { $ref } } })).toContain(
      'type string',
    );
  }
  const recurring = { properties: { a: { $ref: '#' }, b: { type: 'string' } } };
  expect(problemOf({ a: { a: { b: 1 } } }, recurring)).toBe(
    '"a.a.b" must be of type string, got 1',
  );
  problemOf({}, { $id, type: 'object', not: {} });
  expect(problemOf({ a: 1 }, { properties: { a: { $ref: $id } } })).toBeUndefined();
});

test('members that every object inherits are there only when they are sent', () => {
  const inputSchema = {
    properties: { constructor: { type: 'string' }, toString: { type: 'string' } },
    required: ['valueOf'],
  };
  expect(problemOf({}, inputSchema)).toBe('"valueOf" is missing');
  expect(problemOf({ valueOf: 1, toString: 'a' }, inputSchema)).toBeUndefined();
  expect(problemOf({ valueOf: 1, toString: 1 }, inputSchema)).toContain(
    '"toString" must be of type',
  );
});

test('what cannot be matched in linear time is left out, and the rest is checked', () => {
  const inputSchema = {
    properties: { a: { type: 'string', pattern: '^(?!secret)' }, b: { pattern: '^(a+)+$' } },
    required: ['a'],
  };
  expect(problemOf({ a: 'secret' }, inputSchema)).toBeUndefined();
  expect(problemOf({ b: `${'a'.repeat(40)}!` }, inputSchema)).toContain(
    '"a" is missing; "b" must match',
  );
});

test('refuses alternatives that take too long to check by their first error', () => {
  const node = (kind: string) => ({
    properties: { kind: { const: kind }, children: { items: { $ref: '#/$defs/node' } } },
    required: ['kind'],
  });
  const inputSchema = {
    $defs: { node: { anyOf: ['a', 'b', 'c', 'd'].map(node) } },
    properties: { root: { $ref: '#/$defs/node' } },
  };
  const chain = (depth: number, kind: string): JsonObject =>
    depth === 0 ? { kind } : { kind: 'd', children: [chain(depth - 1, kind)] };
  expect(problemOf({ root: chain(40, 'a') }, inputSchema)).toBeUndefined();
  expect(problemOf({ root: 1, other: chain(40, 'a') }, inputSchema)).toBeUndefined();
});

test('a call with thousands of wrong values is still refused', () => {
  const inputSchema = { properties: { list: { items: { type: 'string' } } } };
  const list = Array.from({ length: 100_000 }, (_, index) => index);
  expect(problemOf({ list }, inputSchema)).toBe('"list.0" must be of type string, got 0');
});

test('problems are short, whatever the schema and the arguments are', () => {
  const inputSchema = {
    properties: { a: { enum: Array.from({ length: 10_000 }, (_, index) => `value ${index}`) } },
    additionalProperties: false,
  };
  const problem = problemOf({ a: 'x'.repeat(100_000), ['n'.repeat(100_000)]: 1 }, inputSchema);
  expect(problem?.length).toBeLessThan(5_000);
});

test('null is fine where it is the default, whatever type the schema has', () => {
  const tag = { type: 'string', default: null };
  expect(problemOf({ tag: null }, { type: 'object', properties: { tag } })).toBe(undefined);
  expect(problemOf({ tag: 5 }, { type: 'object', properties: { tag } })).toContain(
    'of type string',
  );
  const other = { type: 'object', properties: { tag: { type: 'string' } } };
  expect(problemOf({ tag: null }, other)).toContain('of type string');
});
