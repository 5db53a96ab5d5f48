import { type Inventory } from '../inventory/inventory';
import { specOf } from '../inventory/normalise';
import { listReferences, type VariableReference } from '../inventory/references/references';
import { lookUpVariables } from '../inventory/references/variables';

/** A variable that servers need and that is not set, as far as this process can see. */
export interface MissingVariable {
  variable: string;
  /** Prompt of the input, when the variable is one. */
  description?: string;
  /** Fields that refer to it. */
  neededBy: { server: string; field: string }[];
}

/** Variables to set before these servers can start: those without a default, and values of inputs. */
export async function missingVariables(
  home: string,
  { servers }: Inventory,
  names: readonly string[],
): Promise<MissingVariable[]> {
  const missing = new Map<string, MissingVariable>();
  for (const name of names) {
    const record = servers[name];
    if (!record) continue;
    const spec = specOf(name, record);
    const variables = await lookUpVariables(spec, process.env, home);
    for (const reference of listReferences(spec)) {
      if (reference.kind === 'file' || !isMissing(reference, variables)) continue;
      const { name: variable, field, input } = reference;
      const existing = missing.get(variable) ?? {
        variable,
        ...(input?.description && { description: input.description }),
        neededBy: [],
      };
      missing.set(variable, {
        ...existing,
        neededBy: [...existing.neededBy, { server: name, field }],
      });
    }
  }
  return [...missing.values()];
}

function isMissing(
  { name, fallback, input }: VariableReference,
  variables: Readonly<Record<string, string | undefined>>,
): boolean {
  return (
    fallback === undefined &&
    variables[name] === undefined &&
    (input && variables[input.id]) === undefined
  );
}
