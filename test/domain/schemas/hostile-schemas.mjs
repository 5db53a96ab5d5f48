// Validates arguments by schemas that would do harm, and says which one it is at, for whoever finds it hanging or dead.
// node hostile-schemas.mjs <folder with src as JavaScript>
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers';

const { validateArguments } = createRequire(import.meta.url)(
  `${process.argv[2]}/domain/calls/tool-arguments.js`,
);

/** As `1e400` reads in JSON. */
const HUGE = Infinity;
const times = (count, make) => Array.from({ length: count }, (_, index) => make(index));
const members = (count, make) => Object.fromEntries(times(count, make));
const nested = (depth, wrap, inner) =>
  times(depth, wrap).reduce((value, wrapIn) => wrapIn(value), inner);
const mesh = (depth, keyword) => ({
  ...{ $ref: '#/$defs/a0' },
  $defs: members(depth, (level) => [
    `a${level}`,
    level === depth - 1
      ? { type: 'null' }
      : { [keyword]: times(2, () => ({ $ref: `#/$defs/a${level + 1}` })) },
  ]),
});
const tree = (keyword) => ({
  [keyword]: times(3, () => ({ properties: { a: { $ref: '#' } }, required: ['b'] })),
});
const deep = (depth) => nested(depth, () => (value) => ({ a: value }), {});

const text = 'a'.repeat(900_000);
const numbers = { list: times(300_000, (index) => index) };
const objects = { list: times(60_000, (index) => ({ index })) };

/** [schema, arguments], each of which would take minutes, fill the memory or overflow the stack when taken as it comes. */
const CASES = [
  [{ $id: 'https://json-schema.org/draft/2020-12/schema' }, {}],
  [{ properties: { s: { pattern: '^(a+)+$' } } }, { s: `${'a'.repeat(40)}!` }],
  [{ properties: { s: { pattern: '^(a|a)*$' } } }, { s: `${text}!` }],
  [{ properties: { s: { pattern: '(x+x+)+y' } } }, { s: 'x'.repeat(100_000) }],
  [{ properties: { s: { pattern: '(?:a|b)*a(?:a|b){500}[^ab]' } } }, { s: 'ab'.repeat(50_000) }],
  [{ patternProperties: { '^(a+)+$': {} } }, { [`${'a'.repeat(40)}!`]: 1 }],
  [{ properties: { s: { pattern: '('.repeat(900) + ')'.repeat(900) } } }, { s: 'a' }],
  [{ properties: { s: { pattern: 'a{1000}{1000}{1000}' } } }, { s: text }],
  ...['url', 'uri', 'email', 'hostname', 'date-time', 'regex', 'uri-template', 'byte'].flatMap(
    (format) =>
      [`http://${'::'.repeat(100_000)}.`, 'a.'.repeat(100_000), '('.repeat(100_000)].map((s) => [
        { properties: { s: { format } } },
        { s },
      ]),
  ),
  [{ $ref: '#' }, {}],
  [{ allOf: [{ $ref: '#' }] }, {}],
  [{ properties: { a: { $ref: '#/properties/a' } } }, { a: 1 }],
  [{ $dynamicRef: '#a', $dynamicAnchor: 'a' }, {}],
  ...['allOf', 'anyOf', 'oneOf'].map((keyword) => [mesh(60, keyword), { a: 1 }]),
  ...['allOf', 'anyOf', 'oneOf'].map((keyword) => [tree(keyword), deep(60)]),
  [nested(25, () => (value) => ({ not: { anyOf: [value, value] } }), { type: 'null' }), {}],
  [{ properties: { list: { uniqueItems: true } } }, numbers],
  [{ properties: { list: { uniqueItems: true } } }, objects],
  [{ properties: { list: { items: { uniqueItems: true }, uniqueItems: true } } }, objects],
  [{ properties: { list: { contains: { const: -1 } } } }, numbers],
  [{ properties: { list: { items: { enum: times(50_000, (index) => `v${index}`) } } } }, numbers],
  [{ properties: { list: { items: { type: 'string' } } } }, numbers],
  [{ properties: { list: { items: { allOf: times(900, () => ({ type: 'null' })) } } } }, numbers],
  [{ allOf: times(900, () => ({ minProperties: 1e9 })) }, numbers],
  [
    { allOf: times(900, (index) => ({ additionalProperties: { const: index } })) },
    members(50_000, (index) => [`k${index}`, 0]),
  ],
  [
    { patternProperties: members(400, (index) => [`k${index}`, { type: 'null' }]) },
    members(50_000, (index) => [`k${index}`, 0]),
  ],
  [
    {
      unevaluatedProperties: false,
      allOf: times(400, (index) => ({ properties: { [`a${index}`]: {} } })),
    },
    members(50_000, (index) => [`k${index}`, 0]),
  ],
  [{ enum: times(50_000, (index) => `v${index}`) }, {}],
  [{ required: times(50_000, (index) => `v${index}`) }, {}],
  [{ properties: members(100_000, (index) => [`p${index}`, { type: 'string' }]) }, { p1: 1 }],
  [
    {
      $defs: members(900, (index) => [`a${index}`, { $ref: `#/$defs/a${index + 1}` }]),
      $ref: '#/$defs/a0',
    },
    {},
  ],
  [
    {
      $defs: { big: { properties: members(900, (index) => [`p${index}`, { type: 'string' }]) } },
      allOf: times(900, (index) => ({ $ref: index % 2 ? '#/$defs/big' : '#/%24defs/%62ig' })),
    },
    { p1: 1 },
  ],
  [
    { properties: { ['p'.repeat(100_000)]: {} }, additionalProperties: false },
    { [`${'p'.repeat(99_999)}q`]: 1 },
  ],
  [
    {
      properties: members(3_000, (index) => [`${'n'.repeat(50)}${index}`, true]),
      additionalProperties: false,
    },
    members(100, (index) => [`${'n'.repeat(50)}x${index}`, 1]),
  ],
  [{ $async: true, required: ['a'] }, {}],
  [{ $defs: { a: { $async: true } }, required: ['a'] }, {}],
  [{ $ref: `https://example.com/${'../'.repeat(80_000)}` }, {}],
  [{ $id: `https://example.com/${'a/../'.repeat(50_000)}`, $ref: 'b' }, {}],
  [nested(5_000, () => (value) => ({ properties: { a: value } }), {}), deep(250)],
  [{ minimum: HUGE, multipleOf: 1e-300 }, { a: HUGE }],
];

process.on('unhandledRejection', () => process.exit(7));
CASES.forEach(([inputSchema, args], index) => {
  process.stdout.write(`case ${index}\n`);
  const problem = validateArguments({ name: 'tool', inputSchema }, args);
  if (problem?.length > 20_000) throw new Error('a long text');
});
setImmediate(() => process.stdout.write('done\n'));
