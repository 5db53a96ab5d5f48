import { MainspringError } from '../base/errors';
import { didYouMean, nearMatches } from '../base/nearest-names';
import { checkEntry } from '../inventory/config/check-entry';
import { type ServerEntry } from '../inventory/config/config-schema';
import { type MemberTexts, textOf } from '../inventory/fields/member-text';
import { checkParameter, isReference, type ParameterInput } from './parameter-value';
import { fillPlaceholders, placeholdersIn } from './placeholders';
import {
  type Template,
  type TemplateArg,
  type TemplateCall,
  type TemplateParameter,
} from './template-schema';
import { type Json } from '../base/json';

export interface FillOptions {
  /** Name of the new server; part of the names of its secrets. */
  server: string;
  values: Readonly<Record<string, ParameterInput>>;
  /** Base folder of relative paths. */
  baseDir: string;
}

export interface FilledTemplate {
  /** Entry without any secret: each one is a `${NAME}` reference. */
  entry: ServerEntry;
  /** Secrets by the name that the entry refers to. */
  secrets: Record<string, string>;
}

/** Builds an entry from a template and values for its parameters; INVALID_PARAMETER lists all problems at once. */
export function fillTemplate(
  template: Template,
  { server, values, baseDir }: FillOptions,
): FilledTemplate {
  const problems = unknownKeys(template, Object.keys(values));
  const secrets: Record<string, string> = {};
  const texts = new Map<string, string[]>();
  for (const parameter of template.parameters) {
    const input = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    const given = input ?? parameter.default;
    if (given === undefined) {
      if (parameter.required) problems.push(missingParameterText(parameter));
      continue;
    }
    const checked = checkParameter(parameter, given, baseDir);
    if ('problem' in checked) problems.push(`${parameter.name}: ${checked.problem}`);
    else texts.set(parameter.name, hideSecret(parameter, checked.texts, server, secrets));
  }
  problems.push(...missingGroups(template, values).map(missingGroupText));
  if (problems.length > 0) throw invalidParameters(template, problems);
  return { entry: checkEntry(server, fillEntry(template, texts)), secrets };
}

/** Names of the required parameters without a value; `a or b` where one of them is enough. */
export function missingParameters(
  template: Template,
  values: FillOptions['values'] = {},
): string[] {
  const single = template.parameters.filter(
    ({ required, name }) => required && !Object.hasOwn(values, name),
  );
  const groups = missingGroups(template, values);
  return [...single.map(({ name }) => name), ...groups.map((group) => group.join(' or '))];
}

function missingGroups({ requiresOneOf }: Template, values: FillOptions['values']): string[][] {
  return requiresOneOf.filter((group) => !group.some((name) => Object.hasOwn(values, name)));
}

function missingGroupText(group: string[]): string {
  return `${group.join(' or ')}: missing; one of them is required`;
}

/** Variable that holds a secret of a server; specific to the server, so that no other server's secret is overwritten. */
function secretName(server: string, parameter: string): string {
  return `MCP_${server}_${parameter}`.replace(/[^A-Za-z0-9_]/g, '_').toUpperCase();
}

function hideSecret(
  { name, secret }: TemplateParameter,
  texts: string[],
  server: string,
  secrets: Record<string, string>,
): string[] {
  const [value = ''] = texts;
  if (!secret || isReference(value)) return texts;
  const variable = secretName(server, name);
  secrets[variable] = value;
  return [`\${${variable}}`];
}

function fillEntry({ entry, validation }: Template, texts: ReadonlyMap<string, string[]>) {
  const fill = (text: string) => fillPlaceholders(text, (name) => texts.get(name)?.[0]);
  const { args, command, url, cwd, env, headers, ...rest } = entry;
  const calls = validation?.calls.flatMap((call) => fillCall(call, fill)) ?? [];
  const { credential } = validation ?? {};
  return withoutUndefined({
    command: command === undefined ? undefined : fill(command),
    args: args?.flatMap((arg) => fillArg(arg, texts, fill)),
    env: fillMembers(env, fill),
    cwd: cwd === undefined ? undefined : fill(cwd),
    url: url === undefined ? undefined : fill(url),
    headers: fillMembers(headers, fill),
    ...rest,
    validation:
      calls.length > 0 || credential !== undefined
        ? withoutUndefined({ calls, credential })
        : undefined,
  });
}

type Fill = (text: string) => string | undefined;

function fillArg(arg: TemplateArg, texts: ReadonlyMap<string, string[]>, fill: Fill): string[] {
  if (typeof arg === 'object') {
    const [condition] = texts.get(arg.when) ?? [];
    if (condition === undefined || condition === 'false') return [];
    return arg.args.flatMap((inner) => fillArg(inner, texts, fill));
  }
  const [name, ...others] = placeholdersIn(arg);
  const isAlone = name !== undefined && others.length === 0 && arg === `\${param:${name}}`;
  if (isAlone) return texts.get(name) ?? []; // a list becomes several arguments
  const filled = fill(arg);
  return filled === undefined ? [] : [filled];
}

/** Leaves out members without a value: most programs treat an empty variable or header differently from an absent one. */
function fillMembers(members: MemberTexts | undefined, fill: Fill) {
  if (members === undefined) return undefined;
  const filled = Object.entries(members).flatMap(([key, member]) => {
    const value = fill(textOf(member));
    if (value === undefined) return [];
    return [[key, typeof member === 'string' ? value : { ...member, value }] as const];
  });
  return filled.length > 0 ? Object.fromEntries(filled) : undefined;
}

function fillCall({ tool, expect, ...call }: TemplateCall, fill: Fill) {
  const given = call.arguments === undefined ? undefined : fillJson(call.arguments, fill);
  if (call.arguments !== undefined && given === undefined) return [];
  return [withoutUndefined({ tool, arguments: given, expect })];
}

/** Undefined when a parameter in it has no value. */
function fillJson(value: Json, fill: Fill): Json | undefined {
  if (typeof value === 'string') return fill(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => fillJson(item, fill));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  const members = Object.entries(value).map(([key, item]) => [key, fillJson(item, fill)] as const);
  if (members.some(([, item]) => item === undefined)) return undefined;
  return Object.fromEntries(
    members.flatMap(([key, item]) => (item === undefined ? [] : [[key, item]])),
  );
}

function withoutUndefined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function unknownKeys({ name, parameters }: Template, keys: string[]): string[] {
  const names = parameters.map((parameter) => parameter.name);
  return keys
    .filter((key) => !names.includes(key))
    .map((key) => {
      const hint = didYouMean(nearMatches(key, names));
      return `${key}: the template "${name}" has no such parameter.${hint}`;
    });
}

function missingParameterText({ name, help, secret, env, example }: TemplateParameter): string {
  const reference = secret ? `\${${env ?? 'NAME'}}` : undefined;
  const sample = example ?? reference;
  return `${name}: missing; ${help}${sample === undefined ? '' : ` (--set ${name}='${sample}')`}`;
}

function invalidParameters({ name }: Template, problems: string[]): MainspringError {
  return new MainspringError('INVALID_PARAMETER', problems.join('\n'), {
    fix: `See its parameters: mainspring templates ${name}.`,
  });
}
