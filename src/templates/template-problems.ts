import { didYouMean, nearMatches } from '../base/nearest-names';
import { type Path, type Problem } from '../inventory/config/problems';
import { checkParameter } from './parameter-value';
import { placeholdersIn } from './placeholders';
import { type Template, type TemplateParameter } from './template-members';

interface PlaceholderUse {
  path: Path;
  name: string;
  /** Whether the text consists of the parameter only. */
  alone: boolean;
}

/** Returns contradictions between members that are each valid. */
export function templateProblems(template: Template): Problem[] {
  const names = template.parameters.map(({ name }) => name);
  const groups = template.requiresOneOf.flatMap((group, index) =>
    group.flatMap((name, member) =>
      names.includes(name)
        ? []
        : [{ path: ['requiresOneOf', index, member], message: unknownParameter(name, names) }],
    ),
  );
  const parameters = template.parameters.flatMap(parameterProblems);
  return [...useProblems(template), ...groups, ...parameters];
}

function useProblems({ parameters, entry, validation }: Template): Problem[] {
  const parametersByName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const inEntry = usesIn(entry, ['entry']);
  const inCalls = usesIn(validation?.calls ?? [], ['validation', 'calls']);
  const unknown = [...inEntry, ...inCalls].flatMap(({ path, name }) =>
    parametersByName.has(name)
      ? []
      : [{ path, message: unknownParameter(name, [...parametersByName.keys()]) }],
  );
  const misplaced = [...inEntry, ...inCalls].flatMap(({ path, name, alone }) => {
    const isItem = path[1] === 'args' && alone;
    if (parametersByName.get(name)?.type !== 'list' || isItem) return [];
    return [{ path, message: `the list "${name}" must be a separate argument` }];
  });
  const secret = inCalls.flatMap(({ path, name }) =>
    parametersByName.get(name)?.secret
      ? [{ path, message: `the secret "${name}" must not be an argument of a call` }]
      : [],
  );
  const used = new Set(inEntry.map(({ name }) => name));
  const unused = parameters.flatMap(({ name }, index) =>
    used.has(name)
      ? []
      : [{ path: ['parameters', index, 'name'], message: `nothing in "entry" uses "${name}"` }],
  );
  return [...unknown, ...misplaced, ...secret, ...unused];
}

function parameterProblems(parameter: TemplateParameter, index: number, all: TemplateParameter[]) {
  const at = (member: string, message: string): Problem => ({
    path: ['parameters', index, member],
    message,
  });
  const problems: Problem[] = [];
  const { name, type, options, secret, required } = parameter;
  if (all.findIndex((other) => other.name === name) !== index) {
    problems.push(at('name', `duplicate parameter "${name}"`));
  }
  if ((type === 'enum') !== (options !== undefined)) {
    problems.push(at('options', 'expected options if, and only if, the type is "enum"'));
  }
  if (parameter.items !== undefined && type !== 'list') {
    problems.push(at('items', 'expected items only for the type "list"'));
  }
  if (secret && (type === 'list' || type === 'boolean')) {
    problems.push(at('secret', `a ${type} cannot be secret`));
  }
  if (parameter.default === undefined) return problems;
  if (secret || required) {
    const what = secret ? 'a secret' : 'a required parameter';
    problems.push(at('default', `${what} cannot have a default`));
  }
  const checked = checkParameter(parameter, parameter.default, '/');
  if ('problem' in checked) problems.push(at('default', checked.problem));
  return problems;
}

/** Returns every use of a parameter. */
function usesIn(value: unknown, path: Path): PlaceholderUse[] {
  if (typeof value === 'string') {
    const alone = /^\$\{param:[^}]*\}$/.test(value);
    return placeholdersIn(value).map((name) => ({ path, name, alone }));
  }
  if (value === null || typeof value !== 'object') return [];
  const members: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item])
    : Object.entries(value);
  return members.flatMap(([member, item]) => {
    const isCondition = path[1] === 'args' && member === 'when' && typeof item === 'string';
    if (isCondition) return [{ path: [...path, member], name: item, alone: true }];
    return usesIn(item, [...path, member]);
  });
}

function unknownParameter(name: string, names: string[]): string {
  return `there is no parameter "${name}"${didYouMean(nearMatches(name, names), 'clause')}`;
}
