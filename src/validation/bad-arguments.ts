import { validateArguments } from '../domain/calls/tool-arguments';
import { type ToolDefinition } from '../domain/catalogue/tools';
import { isJsonObject, type Json, type JsonObject } from '../base/json';

/** Arguments that a tool's own schema does not allow; undefined when it allows everything. */
export function badArguments(tool: ToolDefinition): JsonObject | undefined {
  const candidates = [wronglyTyped(tool.inputSchema), {}];
  return candidates.find((candidate) => validateArguments(tool, candidate) !== undefined);
}

/** Every member an object, or a number where that would be right: no server can mistake it for what it wanted. */
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
