import {
  ENGINE_VARIABLES,
  lineOf,
  passedVariables,
  runsContainer,
} from '../../domain/programs/container-run';
import { type ServerSpec } from '../../domain/spec';
import { type Variables } from './variables';

/**
 * The spec of a program that runs a container, with references to what its client needs of the host's variables, as far as they are
 * set: what it passes on by name (`-e NAME`), and by what it finds its engine.
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
