import { type ServerSpec } from '../domain/spec';
import { listReferences, type VariableReference } from '../inventory/references';
import { type Variables } from '../inventory/variables';
import { type VariableFact } from './facts';
import { isSecretName, valueState } from './value-state';

/** The variables that a spec refers to, and the secrets written into it, each with what became of it; never a value. */
export function variableFacts(
  spec: ServerSpec,
  variables: Variables,
  isKnownToHost: (name: string) => boolean,
): VariableFact[] {
  const referred = listReferences(spec).flatMap((reference) => {
    if (reference.kind !== 'variable') return [];
    const fact = referredFact(reference, variables, isKnownToHost);
    return fact ? [fact] : [];
  });
  return [...referred, ...literalFacts(spec)];
}

/** Nothing is said of a variable whose default is used. */
function referredFact(
  { name, field, fallback, input }: VariableReference,
  variables: Variables,
  isKnownToHost: (name: string) => boolean,
): VariableFact | undefined {
  const value = variables[name] ?? (input && variables[input.id]);
  if (fallback !== undefined && !value) return undefined;
  const state = valueState(value, isSecretName(name) || isSecretName(memberOf(field)));
  return {
    ...{ name, field, state, isLiteral: false },
    ...(input?.description !== undefined && { description: input.description }),
    ...(state === 'set' && !isKnownToHost(name) && { isUnknownToHost: true }),
  };
}

/** Variables and headers of the entry itself that should hold a secret and cannot. */
function literalFacts({ process, remote }: ServerSpec & { remote?: { headers: Members } }) {
  const named = [
    ...Object.entries(process?.env ?? {}).map(([name, text]) => ({ name, text, of: 'env' })),
    ...Object.entries(remote?.headers ?? {}).map(([name, text]) => ({ name, text, of: 'headers' })),
  ];
  return named.flatMap(({ name, text, of }): VariableFact[] => {
    if (text.includes('${') || !isSecretName(name)) return [];
    const state = valueState(text, true);
    if (state === 'set') return [];
    return [{ name, field: `${of}.${name}`, state, isLiteral: true }];
  });
}

type Members = Record<string, string>;

/** `env.TOKEN` is TOKEN. */
function memberOf(field: string): string {
  return field.slice(field.indexOf('.') + 1);
}
