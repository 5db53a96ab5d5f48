import { canonicalJson } from '../../base/canonical-json';
import { measureSchema } from './schema-size';
import { type JsonObject } from '../../base/json';

/** Maximum for all that is kept, as far as it can be estimated from the text of the schemas. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Approximate size of a validator for each character of its schema, and in addition. */
const BYTES_PER_CHARACTER = 16;
const BYTES_PER_SCHEMA = 16 * 1024;

/** Caches values by the content of schemas: a refreshed tool list has new objects with the same content. */
export class SchemaCache<Value extends object> {
  /** Sorted by age, oldest first. */
  readonly #byContent = new Map<string, Value>();
  /** Avoids serialising the schema for each call. */
  #byObject = new WeakMap<JsonObject, Value>();
  #bytes = 0;

  constructor(private readonly create: () => Value) {}

  get(schema: JsonObject): Value {
    const cached = this.#byObject.get(schema);
    if (cached) return cached;
    const value = this.#findByContent(schema);
    this.#byObject.set(schema, value);
    return value;
  }

  #findByContent(schema: JsonObject): Value {
    // A schema that is too large to be compiled is too large to be kept.
    if (measureSchema(schema).problem !== undefined) return this.create();
    const content = canonicalJson(schema);
    const cached = this.#byContent.get(content);
    if (cached) return cached;
    const value = this.create();
    this.#byContent.set(content, value);
    this.#bytes += bytesOf(content);
    this.#forgetOld();
    return value;
  }

  #forgetOld(): void {
    if (this.#bytes <= MAX_BYTES) return;
    for (const content of this.#byContent.keys()) {
      this.#byContent.delete(content);
      this.#bytes -= bytesOf(content);
      if (this.#bytes <= MAX_BYTES / 2) break;
    }
    // Otherwise forgotten values would live as long as the tool lists that they are from.
    this.#byObject = new WeakMap();
  }
}

function bytesOf(content: string): number {
  return BYTES_PER_SCHEMA + BYTES_PER_CHARACTER * content.length;
}
