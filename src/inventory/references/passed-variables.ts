import {
  ENGINE_VARIABLES,
  lineOf,
  passedVariables,
  runsContainer,
} from '../../domain/programs/container-run';
import { type ServerSpec } from '../../domain/spec';
import { type Variables } from './variables';

/**
 * Adds references to variables of the host that a container client needs, if they are set: those it passes on by name
 * (`-e NAME`), and those that locate its engine.
 */
export function withPassedVariables<Spec extends ServerSpec>(
  spec: Spec,
  variables: Variables,
): Spec {
  const { process } = spec;
  if (!process || !runsContainer(lineOf(process))) return spec;
  const names = [...ENGINE_VARIABLES, ...passedVariables(lineOf(process))];
  const set = names.filter((name) => variables[name] !== undefined);
  const env = Object.fromEntries(set.map((name) => [name, `\${${name}}`]));
  return { ...spec, process: { ...process, env: { ...env, ...process.env } } };
}
