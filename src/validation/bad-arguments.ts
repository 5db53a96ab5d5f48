import { validateArguments } from '../domain/calls/tool-arguments';
import { type ToolDefinition } from '../domain/catalogue/tools';
import { isJsonObject, type Json, type JsonObject } from '../base/json';

/**
 * Returns arguments that the schema of a tool does not allow; undefined if it allows everything.
 */
export function badArguments(tool: ToolDefinition): JsonObject | undefined {
  const candidates = [wronglyTyped(tool.inputSchema), {}];
  return candidates.find((candidate) => validateArguments(tool, candidate) !== undefined);
}

/**
 * Makes every member an object, or a number where an object is right, so that no server can mistake
 * it for a valid value.
 */
function wronglyTyped({ properties }: JsonObject): JsonObject {
  if (!isJsonObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, wrongFor(schema)]),
  );
}

function wrongFor(schema: Json | undefined): Json {
  const type = isJsonObject(schema) ? schema['type'] : undefined;
  return type === 'object' ? 42 : { mainspring: 'not what the schema asks for' };
}
