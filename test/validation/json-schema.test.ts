import { schemaProblem } from '../../src/validation/json-schema';

test.each([
  ['an empty schema', {}],
  ['of 2020-12', { type: 'object', properties: { a: { type: ['string', 'null'] } } }],
  ['of draft 7', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }],
  ['of 2019-09', { $schema: 'https://json-schema.org/draft/2019-09/schema', type: 'object' }],
  ['with unknown keywords and formats', { type: 'string', format: 'colour', 'x-hint': 1 }],
  ['with a reference into itself', { $defs: { a: { type: 'string' } }, $ref: '#/$defs/a' }],
])('%s is valid', (_what, schema) => {
  expect(schemaProblem(schema)).toBeUndefined();
});

test.each([
  ['a type that there is not', { type: 'text' }, /type/],
  ['"required" that is no list', { type: 'object', required: 'a' }, /required/],
  ['a reference to nothing', { $ref: '#/$defs/a' }, /can't resolve/],
  ['a pattern that is none', { type: 'string', pattern: '(' }, /regular expression|pattern/],
])('%s is told', (_what, schema, says) => {
  expect(schemaProblem(schema)).toMatch(says);
});

test('two schemas may have the same $id', () => {
  const schema = () => ({ $id: 'https://example.com/a', type: 'object' });
  expect([schemaProblem(schema()), schemaProblem(schema())]).toEqual([undefined, undefined]);
});
