import { statSync } from 'node:fs';
import { MainspringError } from '../base/errors';
import { checkParameter, isReference, type ParameterInput } from './parameter-value';
import { type Template, type TemplateParameter } from './template-members';

/** Returns why a path given for the parameter does not exist as required; undefined when all do. */
export function absentPath(
  { exists }: Pick<TemplateParameter, 'exists'>,
  paths: readonly string[],
): string | undefined {
  if (exists === undefined) return undefined;
  const literalPaths = paths.filter((path) => !isReference(path)); // only the host knows the value of a reference
  const absent = literalPaths.find((path) => kindOf(path) !== exists);
  if (absent === undefined) return undefined;
  const found = kindOf(absent);
  return found === undefined
    ? `there is no ${exists} ${absent}`
    : `expected a ${exists}, but ${absent} is a ${found}`;
}

/**
 * Checks on this machine that everything exists that the template requires.
 *
 * @throws MainspringError INVALID_PARAMETER
 */
export function checkPaths(
  { name, parameters }: Template,
  values: Readonly<Record<string, ParameterInput>>,
  baseDir: string,
): void {
  const problems = parameters.flatMap((parameter) => {
    const given = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    const checked = given === undefined ? undefined : checkParameter(parameter, given, baseDir);
    if (checked === undefined || 'problem' in checked) return []; // reported when the template is filled
    const problem = absentPath(parameter, checked.texts);
    return problem === undefined ? [] : [`${parameter.name}: ${problem}`];
  });
  if (problems.length === 0) return;
  throw new MainspringError('INVALID_PARAMETER', `Template "${name}": ${problems.join('\n')}`, {
    fix: 'Create it first, or give another path.',
  });
}

function kindOf(path: string): 'folder' | 'file' | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
}
