import { lineOf, passedVariables } from '../domain/programs/container-run';
import { isSecretName } from '../domain/trust/secret-values';
import { type ServerSpec } from '../domain/spec';
import {
  listReferences,
  memberOf,
  type VariableReference,
} from '../inventory/references/references';
import { type Variables } from '../inventory/references/variables';
import { type ValueState, type VariableFact } from './facts';
import { valueState } from './value-state';

/** Whether the running host has a variable; undefined when there is no host. */
export type HostVariableCheck = (name: string) => boolean | undefined;

/** The variables that a spec refers to and the secrets written into it, each with its state; never a value. */
export function variableFacts(
  spec: ServerSpec,
  variables: Variables,
  isSetInHost: HostVariableCheck = () => undefined,
): VariableFact[] {
  const referenceFacts = listReferences(spec).flatMap((reference) => {
    if (reference.kind !== 'variable') return [];
    const fact = referenceFact(reference, variables, isSetInHost);
    return fact ? [fact] : [];
  });
  return [...referenceFacts, ...passedFacts(spec, variables, isSetInHost), ...literalFacts(spec)];
}

/** Variables that a container receives by name, wherever they are set. */
function passedFacts(
  { process }: ServerSpec,
  variables: Variables,
  isSetInHost: HostVariableCheck,
) {
  if (!process) return [];
  const names = passedVariables(lineOf(process)).filter((name) => !(name in process.env));
  return names.map((name): VariableFact => {
    const state = valueState(variables[name], isSecretName(name));
    const fact = { name, field: `-e ${name}`, state, isLiteral: false, mayBeUnset: true };
    return { ...fact, ...onlyIn(state, isSetInHost(name)) };
  });
}

/** A variable whose default is used is not reported. */
function referenceFact(
  { name, field, fallback, input }: VariableReference,
  variables: Variables,
  isSetInHost: HostVariableCheck,
): VariableFact | undefined {
  const value = variables[name] ?? (input && variables[input.id]);
  if (fallback !== undefined && !value) return undefined;
  const state = valueState(value, isSecretName(name) || isSecretName(memberOf(field)));
  return {
    name,
    field,
    state,
    isLiteral: false,
    ...(input?.description !== undefined && { description: input.description }),
    ...onlyIn(state, isSetInHost(name)),
  };
}

function onlyIn(state: ValueState, isInHost: boolean | undefined): Pick<VariableFact, 'onlyIn'> {
  if (state === 'set' && isInHost === false) return { onlyIn: 'here' };
  return state === 'unset' && isInHost ? { onlyIn: 'host' } : {};
}

/** Variables and headers of the entry that should hold a secret and hold no usable one. */
function literalFacts({ process, remote }: ServerSpec & { remote?: { headers: Members } }) {
  const values = [
    ...Object.entries(process?.env ?? {}).map(([name, text]) => ({ name, text, of: 'env' })),
    ...Object.entries(remote?.headers ?? {}).map(([name, text]) => ({ name, text, of: 'headers' })),
  ];
  return values.flatMap(({ name, text, of }): VariableFact[] => {
    if (text.includes('${') || !isSecretName(name)) return [];
    const state = valueState(text, true);
    if (state === 'set') return [];
    return [{ name, field: `${of}.${name}`, state, isLiteral: true }];
  });
}

type Members = Record<string, string>;
