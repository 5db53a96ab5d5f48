// Validates random arguments by random schemas, sane and odd ones, and compares with Ajv as it comes where that can do it.
// node random-schemas.mjs <folder with src as JavaScript> <schemas>
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';

const [, , folder, count] = process.argv;
const load = createRequire(import.meta.url);
const { validateArguments } = load(`${folder}/domain/calls/tool-arguments.js`);
const { compileSchema } = load(`${folder}/domain/schemas/compile-schema.js`);
const { errorsOf } = load(`${folder}/domain/schemas/check-value.js`);

/** As `1e400` reads in JSON. */
const HUGE = Infinity;
const times = (number, make) => Array.from({ length: number }, (_, index) => make(index));

/** Numbers from a seed (mulberry32), so that a failure can be repeated. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const NAMES = [
  'a',
  'b',
  'c',
  'a/b~c',
  '',
  '\ud800',
  '$ref',
  'properties',
  '__proto__',
  'constructor',
];
const TEXTS = ['', 'a', 'ab', 'aaaaaaaa!', '2024-05-06', 'x@example.com', '\udfff', '😀', ...NAMES];
const NUMBERS = [0, -1, 1, 2, 3, 0.5, 1e-300, 1e300, 2 ** 53];
const ODD = [HUGE, -0, null, true, '#', {}, [], ['a', 'a'], 'https://example.com/a', { $ref: '#' }];
const PATTERNS = [
  '^a',
  'b$',
  '^(a|a)+$',
  '^\\d{4}-',
  '[^\\s]{2}',
  '^\\p{L}+$',
  '.',
  '(?=a)',
  '\\bab',
];
const TYPES = ['object', 'object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
const LIMITS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'maxContains', 'minProperties'];
const REFERENCES = [
  '#',
  '#/$defs/a',
  '#/$defs/b',
  '#anchor',
  '#/properties/a',
  'https://example.com/a',
];

function generator(next) {
  const one = (list) => list[Math.floor(next() * list.length)];
  const few = (make) => times(Math.floor(next() * 4), make);
  const map = (names, make) => Object.fromEntries(few(() => [one(names), make()]));
  const value = (depth) => {
    const kind = next();
    if (depth === 0 || kind < 0.5) return one([one(TEXTS), one(NUMBERS), true, null]);
    return kind < 0.7 ? few(() => value(depth - 1)) : object(depth);
  };
  const object = (depth) => map(NAMES, () => value(depth - 1));
  const whole = () => Math.floor(next() * 4);
  const texts = () => [...new Set(few(() => one(NAMES)))];
  const sub = (depth) => () => schema(depth - 1);
  const some = (make) => times(1 + whole(), make);
  const keywords = (depth) => ({
    type: () => (next() < 0.8 ? one(TYPES) : [...new Set(some(() => one(TYPES)))]),
    const: () => value(2),
    enum: () => some(() => value(1)),
    pattern: () => one(PATTERNS),
    format: () => one(['date', 'email', 'uri', 'regex', 'colour']),
    ...Object.fromEntries(LIMITS.map((limit) => [limit, whole])),
    minimum: () => one(NUMBERS),
    exclusiveMaximum: () => one(NUMBERS),
    multipleOf: () => one([1, 2, 0.5, 1e-300]),
    uniqueItems: () => true,
    contains: sub(depth),
    items: sub(depth),
    prefixItems: () => some(sub(depth)),
    properties: () => map(NAMES, sub(depth)),
    patternProperties: () => map(PATTERNS, sub(depth)),
    additionalProperties: sub(depth),
    propertyNames: sub(depth),
    required: texts,
    dependentRequired: () => map(NAMES, texts),
    dependentSchemas: () => map(NAMES, sub(depth)),
    allOf: () => some(sub(depth)),
    anyOf: () => some(sub(depth)),
    oneOf: () => some(sub(depth)),
    not: sub(depth),
    if: sub(depth),
    then: sub(depth),
    else: sub(depth),
    unevaluatedProperties: sub(depth),
    unevaluatedItems: sub(depth),
    $ref: () => one(REFERENCES),
    $anchor: () => 'anchor',
    $dynamicRef: () => '#anchor',
    default: () => value(1),
  });
  const schema = (depth) => {
    if (depth <= 0 || next() < 0.1) return one([true, false, {}, { type: one(TYPES) }]);
    const known = keywords(depth);
    return Object.fromEntries(
      some(() => {
        const keyword = one(Object.keys(known));
        return [keyword, next() < 0.01 ? one(ODD) : known[keyword]()];
      }),
    );
  };
  return {
    arguments: () => object(3),
    schema: () => {
      const { $ref: _ref, ...root } = Object(schema(4));
      return { ...root, $defs: { a: schema(3), b: schema(2) } };
    },
  };
}

const OPTIONS = {
  strict: false,
  verbose: true,
  allErrors: true,
  logger: false,
  ownProperties: true,
  // Both have found the schema sound by then.
  meta: false,
  validateSchema: false,
  formats: fullFormats,
};

/** Undefined where it throws or gives nothing to compare with. */
function plainErrors(schema, value) {
  try {
    const validate = new Ajv2020(OPTIONS).compile(schema);
    return validate(value) ? [] : validate.errors;
  } catch {
    return undefined;
  }
}

const brief = (errors) =>
  errors
    .map(({ instancePath, keyword, message }) => `${instancePath} ${keyword} ${message}`)
    .join();

process.on('unhandledRejection', () => process.exit(7));
const seen = { compared: 0, refused: 0, unchecked: 0 };
for (let seed = 1; seed <= Number(count); seed++) {
  process.stdout.write(`seed ${seed}\n`);
  const make = generator(random(seed));
  const [inputSchema, args] = [make.schema(), make.arguments()];
  const problem = validateArguments({ name: 'tool', inputSchema }, args);
  if (problem !== undefined) seen.refused += 1;
  const { gaps } = compileSchema(inputSchema);
  if (gaps.length > 0) seen.unchecked += 1;
  const plain = gaps.length > 0 ? undefined : plainErrors(inputSchema, args);
  if (!plain) continue;
  seen.compared += 1;
  const [expected, got] = [brief(plain), brief(errorsOf(inputSchema, args))];
  if (expected !== got) throw new Error(`${JSON.stringify(inputSchema)}\n${expected}\n${got}`);
}
setImmediate(() => process.stdout.write(`${JSON.stringify(seen)}\n`));
