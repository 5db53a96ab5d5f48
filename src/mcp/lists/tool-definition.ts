import {
  legacyOutputSchema,
  type RepairedSchema,
  repairInputSchema,
  repairOutputSchema,
} from '../../domain/catalogue/repair-schema';
import { outputProblem } from '../../domain/schemas/output-problem';
import { type JsonObject } from '../../base/json';

/**
 * Returns a tool in a form that every client accepts. Its schemas are repaired without losing
 * information.
 */
export function repairTool(given: JsonObject): { item: JsonObject; notes: string[] } {
  const input = repairInputSchema(given['inputSchema']);
  const output = outputOf(given);
  const notes = [...input.notes, ...output.notes];
  if (input.part === given['inputSchema'] && output.part === given['outputSchema']) {
    return { item: given, notes };
  }
  const { outputSchema: _odd, ...others } = given;
  const { part: outputSchema } = output;
  return {
    item: { ...others, inputSchema: input.part, ...(outputSchema && { outputSchema }) },
    notes,
  };
}

function outputOf({ outputSchema }: JsonObject): RepairedSchema<JsonObject | undefined> {
  const { part, notes } = repairOutputSchema(outputSchema);
  if (!part) return { part, notes };
  const problem = outputProblem(part);
  if (problem !== undefined) {
    const note = `has an outputSchema that clients cannot compile (${problem}) (dropped)`;
    return { part: undefined, notes: [...notes, note] };
  }
  const isForAll = legacyOutputSchema(part) !== undefined;
  const note =
    'has an outputSchema that does not describe an object (hidden from clients before 2026-07-28)';
  return { part, notes: isForAll ? notes : [...notes, note] };
}
