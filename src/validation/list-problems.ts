import { compileSchema } from '../domain/schemas/compile-schema';
import { uncheckedReason } from '../domain/schemas/unchecked-tools';
import {
  type Listed,
  PROMPTS,
  RESOURCES,
  takeItem,
  TEMPLATES,
  TOOLS,
} from '../mcp/lists/listed-items';
import { type Problem } from './finding';
import { hiddenCharacters } from './hidden-characters';
import { CLIENT_NAME } from './limits';
import { type ListItem } from './list-items';
import { isJsonObject, type Json } from '../base/json';

/** Returns the problems of the tools that a server lists. */
export function toolProblems(tools: readonly ListItem[]): Problem[] {
  return [
    ...duplicates(tools, 'name', 'failed'),
    ...tools.flatMap((tool, index) => {
      const label = labelOf('tool', tool, index);
      return withFlaws(TOOLS, tool, index, [
        ...nameProblems(tool, label),
        ...inputSchemaProblems(tool['inputSchema'], label),
        ...outputSchemaProblems(tool['outputSchema'], label),
        ...textProblems(tool, label),
      ]);
    }),
  ];
}

export function promptProblems(prompts: readonly ListItem[]): Problem[] {
  return [
    ...duplicates(prompts, 'name', 'failed'),
    ...prompts.flatMap((prompt, index) => {
      const label = labelOf('prompt', prompt, index);
      return withFlaws(PROMPTS, prompt, index, [
        ...nameProblems(prompt, label),
        ...argumentProblems(prompt['arguments'], label),
        ...textProblems(prompt, label),
      ]);
    }),
  ];
}

export function resourceProblems(resources: readonly ListItem[]): Problem[] {
  return [
    ...duplicates(resources, 'uri', 'warning'),
    ...resources.flatMap((resource, index) => {
      const label = labelOf('resource', resource, index);
      const { uri } = resource;
      const isUri = typeof uri === 'string' && URL.canParse(uri);
      return withFlaws(RESOURCES, resource, index, [
        ...(isUri ? [] : [failure(`${label} has no valid "uri"`)]),
        ...(isText(resource['name']) ? [] : [failure(`${label} has no "name"`)]),
        ...hiddenProblems(resource, label),
      ]);
    }),
  ];
}

export function templateProblems(templates: readonly ListItem[]): Problem[] {
  return templates.flatMap((template, index) => {
    const label = labelOf('resource template', template, index);
    return withFlaws(TEMPLATES, template, index, [
      ...(isTemplate(template['uriTemplate'])
        ? []
        : [failure(`${label} has no valid "uriTemplate"`)]),
      ...(isText(template['name']) ? [] : [failure(`${label} has no "name"`)]),
      ...hiddenProblems(template, label),
    ]);
  });
}

/**
 * Adds the flaws that Mainspring repairs or drops on the way to clients, unless a problem is worse.
 */
function withFlaws(listed: Listed, item: ListItem, index: number, problems: Problem[]): Problem[] {
  if (problems.some(({ status }) => status === 'failed')) return problems;
  const { flaws } = takeItem(listed, item, index + 1);
  return [...problems, ...flaws.map(({ text }): Problem => ({ status: 'warning', text }))];
}

function nameProblems({ name }: ListItem, label: string): Problem[] {
  if (!isText(name)) return [failure(`${label} has no name`)];
  if (CLIENT_NAME.test(name)) return [];
  const why =
    name.length > 64 ? 'is longer than 64 characters' : 'has characters other than A-Za-z0-9_-';
  return [{ status: 'warning', text: `the name of ${label} ${why}, which clients reject` }];
}

function inputSchemaProblems(schema: Json | undefined, label: string): Problem[] {
  if (!isJsonObject(schema)) return [failure(`${label} has no "inputSchema"`)];
  if (schema['type'] !== 'object') {
    return [failure(`the inputSchema of ${label} is not of type "object"`)];
  }
  return compileSchema(schema).gaps.map((gap) =>
    gap.kind === 'invalid'
      ? notASchema(`inputSchema of ${label}`, gap.reason)
      : { status: 'warning', text: `the arguments of ${label} are ${uncheckedReason(gap)}` },
  );
}

function outputSchemaProblems(schema: Json | undefined, label: string): Problem[] {
  if (schema === undefined) return [];
  if (!isJsonObject(schema)) return [failure(`the outputSchema of ${label} is not an object`)];
  const invalid = compileSchema(schema).gaps.filter(({ kind }) => kind === 'invalid');
  return invalid.map(({ reason }) => notASchema(`outputSchema of ${label}`, reason));
}

const notASchema = (label: string, reason: string) =>
  failure(`the ${label} is not a valid JSON Schema: ${reason}`);

function argumentProblems(args: Json | undefined, label: string): Problem[] {
  if (args === undefined || args === null) return [];
  const isValid =
    Array.isArray(args) && args.every((arg) => isJsonObject(arg) && isText(arg['name']));
  return isValid ? [] : [failure(`the arguments of ${label} are not a list of named arguments`)];
}

function textProblems(item: ListItem, label: string): Problem[] {
  const isDescribed = isText(item['description']) && item['description'].trim() !== '';
  const empty: Problem[] = isDescribed
    ? []
    : [{ status: 'warning', text: `${label} has no description` }];
  return [...empty, ...hiddenProblems(item, label)];
}

function hiddenProblems(item: ListItem, label: string): Problem[] {
  const hidden = hiddenCharacters(item);
  if (hidden.length === 0) return [];
  return [{ status: 'warning', text: `${label} has hidden characters: ${hidden.join(', ')}` }];
}

function duplicates(
  items: readonly ListItem[],
  member: 'name' | 'uri',
  status: Problem['status'],
): Problem[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const value of items.map((item) => item[member]).filter(isText)) {
    if (seen.has(value)) repeated.add(value);
    seen.add(value);
  }
  return [...repeated].map((value) => ({
    status,
    text: `the ${member} ${JSON.stringify(value)} appears more than once`,
  }));
}

/** Checks the outline of RFC 6570: every expression in braces is closed. */
function isTemplate(value: Json | undefined): boolean {
  return isText(value) && /^(?:[^{}]|\{[^{}]+\})*$/.test(value);
}

function labelOf(kind: string, { name }: ListItem, index: number): string {
  return isText(name) ? `${kind} ${JSON.stringify(name)}` : `${kind} ${index + 1}`;
}

const failure = (text: string): Problem => ({ status: 'failed', text });

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
