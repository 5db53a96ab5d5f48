import { compileSchema } from '../../../src/domain/schemas/compile-schema';
import { type JsonObject } from '../../../src/base/json';

const members = (count: number, value: JsonObject): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, value]));

/** Whether anything is checked by a schema, and what is not. */
function told(schema: JsonObject): [boolean, ...string[]] {
  const { validate, gaps } = compileSchema(schema);
  return [
    validate !== undefined,
    ...gaps.map(({ kind, what, reason }) => `${kind} ${what}: ${reason}`),
  ];
}

test.each<[string, JsonObject]>([
  ['an empty schema', {}],
  ['of 2020-12', { type: 'object', properties: { a: { type: ['string', 'null'] } } }],
  ['of draft 7', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }],
  ['of draft 6', { $schema: 'http://json-schema.org/draft-06/schema#', type: 'object' }],
  ['of 2019-09', { $schema: 'https://json-schema.org/draft/2019-09/schema', type: 'object' }],
  ['of a dialect that nobody knows', { $schema: 'https://example.com/mine', type: 'object' }],
  ['with unknown keywords and formats', { type: 'string', format: 'colour', 'x-hint': 1 }],
  ['with a reference into itself', { $defs: { a: { type: 'string' } }, $ref: '#/$defs/a' }],
  ['with a reference to an anchor', { $defs: { a: { $anchor: 'here' } }, $ref: '#here' }],
  ['with a reference to its own id', { $id: 'https://a.example/b', items: { $ref: 'b' } }],
  ['that recurs', { properties: { child: { $ref: '#' } } }],
  ['with the id of its dialect', { $id: 'https://json-schema.org/draft/2020-12/schema' }],
  ['with many values', { enum: Array.from({ length: 20_000 }, (_, index) => index) }],
  ['with many members', { properties: members(1_500, { type: 'string' }) }],
])('a schema %s is checked by', (_what, schema) => {
  expect(told(schema)).toEqual([true]);
});

test.each<[string, JsonObject, RegExp]>([
  ['a type that there is not', { type: 'text' }, /type/],
  ['"required" that is no list', { type: 'object', required: 'a' }, /required/],
  ['a reference to nothing', { $ref: '#/$defs/a' }, /can't resolve/],
  ['a name that is no pattern', { patternProperties: { '(': {} } }, /not a regular expression/],
  [
    'two schemas of one id',
    { $defs: { a: { $id: 'b' }, c: { $id: 'b', not: {} } } },
    /more than one/,
  ],
])('%s is not JSON Schema', (_what, schema, reason) => {
  const gap = new RegExp(`^invalid schema: .*${reason.source}`);
  expect(told(schema)).toEqual([false, expect.stringMatching(gap)]);
});

const nested = (depth: number) =>
  Array.from({ length: depth }).reduce<JsonObject>((items) => ({ items }), {});

test.each<[string, JsonObject, RegExp]>([
  ['refers elsewhere', { $ref: 'https://example.com/a' }, /references "https:\/\/example\.com\/a"/],
  ['is promised', { $defs: { a: { $async: true } } }, /\$async/],
  ['has too many members', { properties: members(6_000, {}) }, /more than 5000 members/],
  ['has too much text', { description: 'x'.repeat(300_000) }, /more than 262144 characters/],
  ['is too deep', nested(200), /levels deep/],
  ['has a long id', { $id: `https://a.example/${'b'.repeat(3_000)}` }, /\$id is longer/],
  [
    'has too many keywords',
    { allOf: Array.from({ length: 2_000 }, () => ({ not: {} })) },
    /too long/,
  ],
  ['names members by a lookahead', { patternProperties: { '^(?=a)': {} } }, /lookahead/],
  [
    'reaches the same through many references',
    {
      $defs: { a: nested(100) },
      anyOf: Array.from({ length: 100 }, (_, depth) => ({
        $ref: `#/$defs/a${'/items'.repeat(depth)}`,
      })),
    },
    /too long/,
  ],
])('a schema that %s is not checked by', (_what, schema, reason) => {
  const gap = new RegExp(`^unsupported schema: .*${reason.source}`);
  expect(told(schema)).toEqual([false, expect.stringMatching(gap)]);
});

test.each([
  ['(?=a)b', 'lookahead'],
  ['(?!a)b', 'lookahead'],
  ['(?<=a)b', 'lookbehind'],
  ['(a)\\1', 'backreference'],
  ['a{2000}', 'linear time'],
  ['x'.repeat(3_000), 'longer than 2000'],
  ['(', 'not a regular expression'],
])('the pattern %s is left out alone', (pattern, why) => {
  const schema = { properties: { a: { type: 'string', pattern } }, required: ['b'] };
  expect(told(schema)).toEqual([true, expect.stringMatching(`keyword: .*${why}`)]);
});

test.each(['not', 'if', 'oneOf', 'contains'])(
  'but not beside "%s", which may turn it round',
  (keyword) => {
    const part = { properties: { a: { pattern: '(?=a)' } } };
    const schema = { [keyword]: keyword === 'oneOf' ? [part] : part, then: false };
    const gap = `^unsupported schema: .*lookahead, and it uses "${keyword}"`;
    expect(told(schema)).toEqual([false, expect.stringMatching(gap)]);
  },
);
