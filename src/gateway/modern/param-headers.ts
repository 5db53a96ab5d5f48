import { type IncomingHttpHeaders } from 'node:http';
import { decodeHeaderValue } from './header-value';
import { mismatch } from './headers';
import { isJsonObject, type Json } from '../../base/json';

/** Argument that clients repeat in a header `Mcp-Param-<name>`. */
interface DeclaredHeader {
  name: string;
  path: readonly string[];
}

/**
 * Annotates a property in the input schema of a tool (2026-07-28, Custom Headers from Tool
 * Parameters).
 */
const ANNOTATION = 'x-mcp-header';
/** Pattern of a header name (RFC 9110, token). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean']);
const DECIMAL = /^-?\d+(?:\.0+)?$/;

/**
 * @throws RpcError -32020 when the header of an argument is missing, not well-formed, or differs
 * from the argument
 */
export function checkParamHeaders(
  headers: IncomingHttpHeaders,
  inputSchema: Json | undefined,
  args: Json | undefined,
): void {
  for (const { name, path } of declaredHeaders(inputSchema)) {
    const header = headers[`mcp-param-${name.toLowerCase()}`];
    const decoded = typeof header === 'string' ? decodeHeaderValue(header) : undefined;
    if (header !== undefined && decoded === undefined) {
      throw mismatch(`Mcp-Param-${name} is not well-formed`);
    }
    const value = valueAt(args, path);
    if (value === undefined || value === null || typeof value === 'object') continue;
    if (decoded === undefined) throw mismatch(`Mcp-Param-${name} is missing`);
    if (!isSame(decoded, value)) {
      const [given, expected] = [JSON.stringify(decoded), JSON.stringify(value)];
      throw mismatch(
        `Mcp-Param-${name} is ${given}, the argument ${path.join('.')} is ${expected}`,
      );
    }
  }
}

/** Invalid annotations are ignored: clients refuse such a tool anyway. */
export function declaredHeaders(
  schema: Json | undefined,
  path: readonly string[] = [],
): DeclaredHeader[] {
  const properties = isJsonObject(schema) ? schema.properties : undefined;
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([key, property]) => {
    const own = [...path, key];
    return [...declaredBy(property, own), ...declaredHeaders(property, own)];
  });
}

function declaredBy(property: Json, path: readonly string[]): DeclaredHeader[] {
  if (!isJsonObject(property) || !TYPES.has(property.type)) return [];
  const name = property[ANNOTATION];
  return typeof name === 'string' && TOKEN.test(name) ? [{ name, path }] : [];
}

function valueAt(args: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (found, key) => (isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined),
    args,
  );
}

function isSame(header: string, value: string | number | boolean): boolean {
  if (typeof value === 'number' && DECIMAL.test(header)) return Number(header) === value;
  return header === String(value);
}
