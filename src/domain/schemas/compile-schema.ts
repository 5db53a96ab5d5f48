import { MissingRefError, type ValidateFunction } from 'ajv';
import { OverBudget } from './budget';
import { dialectOf, dialectProblem } from './dialect';
import { isolatedAjv } from './isolated-ajv';
import { LinearPattern } from './linear-pattern';
import { UnsupportedPattern } from './re2-syntax';
import { measureSchema } from './schema-size';
import { type JsonObject } from '../../base/json';

/**
 * Maximum of keywords and schemas that code is generated for, some more than once: the same part may be reached by many
 * references.
 */
const MAX_WORK = 2_000;
/** Characters of a pattern, or instructions compiled from it, that take about as long. */
const CHARACTERS_PER_WORK = 5;
const INSTRUCTIONS_PER_WORK = 20;
const MAX_SHOWN_LENGTH = 200;

/** Keywords by which a value can be refused because something else does match: they do not work with half of a schema. */
const REFUSE_MATCHES: ReadonlySet<string> = new Set([
  'not',
  'oneOf',
  'if',
  'contains',
  'unevaluatedProperties',
  'unevaluatedItems',
]);

/** Part of a schema that is not checked. */
export interface SchemaGap {
  /** `invalid`: it is not JSON Schema; `unsupported`: it may be, but requires more than is supported in a foreign schema. */
  kind: 'invalid' | 'unsupported';
  /** The whole schema, or one keyword. */
  what: 'schema' | 'keyword';
  reason: string;
}

export interface CompiledSchema {
  /** Absent when nothing is checked. */
  validate?: SchemaValidate;
  gaps: SchemaGap[];
}

/** Validator of Ajv, which reports all errors. */
export type SchemaValidate = ValidateFunction;

/** Whether a validator collects all errors, or stops at the first. */
export type Thoroughness = 'all errors' | 'first error';

/**
 * Compiles a foreign schema in an instance of its own. It cannot refer to anything outside itself, nothing is fetched,
 * and neither compiling nor validating takes longer than the limits allow. Never throws.
 */
export function compileSchema(
  schema: JsonObject,
  thoroughness: Thoroughness = 'all errors',
): CompiledSchema {
  try {
    const { problem, namesInherited } = measureSchema(schema);
    if (problem !== undefined) return unchecked('unsupported', problem);
    const dialect = dialectOf(schema);
    const invalid = dialectProblem(schema, dialect);
    if (invalid !== undefined) return unchecked('invalid', invalid);
    const compilation = new Compilation();
    const ajv = isolatedAjv(
      dialect,
      {
        // Already checked above, by a schema that this one cannot replace.
        meta: false,
        validateSchema: false,
        verbose: true,
        allErrors: thoroughness === 'all errors',
        ownProperties: namesInherited,
        code: { optimize: false, regExp: compilation.regExp },
      },
      compilation.onKeyword,
    );
    const validate = ajv.compile(schema);
    return compilation.result(validate);
  } catch (error) {
    return unchecked(...reasonOf(error, schema));
  }
}

/** Counts the work of one compilation by Ajv, and collects its gaps. */
class Compilation {
  #work = 0;
  #keyword = '';
  readonly #keywords = new Set<string>();
  readonly #gaps: SchemaGap[] = [];

  readonly onKeyword = (keyword: string, value: unknown) => {
    this.#keyword = keyword;
    this.#keywords.add(keyword);
    this.#spend(1 + objectsIn(value));
  };

  readonly regExp = Object.assign((pattern: string) => this.#matcher(pattern), {
    code: 'linearPattern',
  });

  result(validate: ValidateFunction): CompiledSchema {
    const [gap] = this.#gaps;
    if (!gap) return { validate, gaps: [] };
    const culprit = [...REFUSE_MATCHES].find((keyword) => this.#keywords.has(keyword));
    if (culprit === undefined) return { validate, gaps: this.#gaps };
    return unchecked(gap.kind, `${gap.reason}, and it uses "${culprit}"`);
  }

  #matcher(pattern: string): Pick<LinearPattern, 'test' | 'toString'> {
    this.#spend(pattern.length / CHARACTERS_PER_WORK);
    try {
      const matcher = new LinearPattern(pattern);
      this.#spend(matcher.size / INSTRUCTIONS_PER_WORK);
      return matcher;
    } catch (error) {
      const isValue = this.#keyword === 'pattern';
      if (!(error instanceof UnsupportedPattern) || !isValue) throw error;
      const reason = `the pattern ${shown(pattern)} is ignored: ${error.message}`;
      this.#gaps.push({ kind: error.kind, what: 'keyword', reason });
      return { test: () => true, toString: () => pattern };
    }
  }

  #spend(work: number): void {
    this.#work += work;
    if (this.#work > MAX_WORK) throw new OverBudget();
  }
}

/** Returns the number of schemas in the value of a keyword. */
function objectsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).filter((member) => typeof member === 'object').length;
}

function reasonOf(error: unknown, { $id }: JsonObject): [SchemaGap['kind'], string] {
  if (error instanceof OverBudget || error instanceof RangeError) {
    return ['unsupported', 'it takes too long to process'];
  }
  if (error instanceof UnsupportedPattern) {
    return [
      error.kind,
      `it matches property names by a pattern that is not supported (${error.message})`,
    ];
  }
  if (error instanceof MissingRefError && !['', $id].includes(error.missingSchema)) {
    return ['unsupported', `it references ${shown(error.missingRef)}, which is outside the schema`];
  }
  return ['invalid', error instanceof Error ? error.message : String(error)];
}

function unchecked(kind: SchemaGap['kind'], reason: string): CompiledSchema {
  return { gaps: [{ kind, what: 'schema', reason: cut(reason) }] };
}

const shown = (text: string) => cut(JSON.stringify(text));

function cut(text: string): string {
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH)}…`;
}
