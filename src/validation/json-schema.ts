import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

// Unknown keywords and formats are not wrong, only of no use to us.
const OPTIONS = { strict: false, logger: false, addUsedSchema: false } as const;
// Shared: each takes tens of milliseconds to set up, in which a host does nothing else.
const draft2020 = addFormats(new Ajv2020(OPTIONS));
const draft2019 = addFormats(new Ajv2019(OPTIONS));
const draft7 = addFormats(new Ajv(OPTIONS));

/** What is wrong with a JSON Schema of a server; undefined if nothing is. */
export function schemaProblem(schema: object): string | undefined {
  const ajv = dialectOf(schema);
  try {
    ajv.compile(schema);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    ajv.removeSchema(schema); // another tool may use the same `$id`
  }
}

/** JSON Schema 2020-12 is MCP's default; `$schema` may name an older one. */
function dialectOf(schema: object): Ajv {
  const named = '$schema' in schema ? String(schema.$schema) : '';
  if (/draft-0[4-7]/.test(named)) return draft7;
  return named.includes('2019-09') ? draft2019 : draft2020;
}
