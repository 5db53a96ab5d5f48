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
import { type Item } from './list-items';
import { isJsonObject, type Json } from '../base/json';

/** Returns the problems of the tools that a server lists. */
export function toolProblems(tools: readonly Item[]): Problem[] {
  return [
    ...duplicates(tools, 'name', 'failed'),
    ...tools.flatMap((tool, index) => {
      const called = label('tool', tool, index);
      return withFlaws(TOOLS, tool, index, [
        ...nameProblems(tool, called),
        ...inputSchemaProblems(tool['inputSchema'], called),
        ...outputSchemaProblems(tool['outputSchema'], called),
        ...textProblems(tool, called),
      ]);
    }),
  ];
}

export function promptProblems(prompts: readonly Item[]): Problem[] {
  return [
    ...duplicates(prompts, 'name', 'failed'),
    ...prompts.flatMap((prompt, index) => {
      const called = label('prompt', prompt, index);
      return withFlaws(PROMPTS, prompt, index, [
        ...nameProblems(prompt, called),
        ...argumentProblems(prompt['arguments'], called),
        ...textProblems(prompt, called),
      ]);
    }),
  ];
}

export function resourceProblems(resources: readonly Item[]): Problem[] {
  return [
    ...duplicates(resources, 'uri', 'warning'),
    ...resources.flatMap((resource, index) => {
      const called = label('resource', resource, index);
      const { uri } = resource;
      const isUri = typeof uri === 'string' && URL.canParse(uri);
      return withFlaws(RESOURCES, resource, index, [
        ...(isUri ? [] : [failure(`${called} has no valid "uri"`)]),
        ...(isText(resource['name']) ? [] : [failure(`${called} has no "name"`)]),
        ...hiddenProblems(resource, called),
      ]);
    }),
  ];
}

export function templateProblems(templates: readonly Item[]): Problem[] {
  return templates.flatMap((template, index) => {
    const called = label('resource template', template, index);
    return withFlaws(TEMPLATES, template, index, [
      ...(isTemplate(template['uriTemplate'])
        ? []
        : [failure(`${called} has no valid "uriTemplate"`)]),
      ...(isText(template['name']) ? [] : [failure(`${called} has no "name"`)]),
      ...hiddenProblems(template, called),
    ]);
  });
}

/**
 * Adds the flaws that Mainspring repairs or drops on the way to clients, unless a problem is worse.
 */
function withFlaws(listed: Listed, item: Item, index: number, problems: Problem[]): Problem[] {
  if (problems.some(({ status }) => status === 'failed')) return problems;
  const { flaws } = takeItem(listed, item, index + 1);
  return [...problems, ...flaws.map(({ text }): Problem => ({ status: 'warning', text }))];
}

function nameProblems({ name }: Item, called: string): Problem[] {
  if (!isText(name)) return [failure(`${called} has no name`)];
  if (CLIENT_NAME.test(name)) return [];
  const why =
    name.length > 64 ? 'is longer than 64 characters' : 'has characters other than A-Za-z0-9_-';
  return [{ status: 'warning', text: `the name of ${called} ${why}, which clients reject` }];
}

function inputSchemaProblems(schema: Json | undefined, called: string): Problem[] {
  if (!isJsonObject(schema)) return [failure(`${called} has no "inputSchema"`)];
  if (schema['type'] !== 'object') {
    return [failure(`the inputSchema of ${called} is not of type "object"`)];
  }
  return compileSchema(schema).gaps.map((gap) =>
    gap.kind === 'invalid'
      ? notASchema(`inputSchema of ${called}`, gap.reason)
      : { status: 'warning', text: `the arguments of ${called} are ${uncheckedReason(gap)}` },
  );
}

function outputSchemaProblems(schema: Json | undefined, called: string): Problem[] {
  if (schema === undefined) return [];
  if (!isJsonObject(schema)) return [failure(`the outputSchema of ${called} is not an object`)];
  const invalid = compileSchema(schema).gaps.filter(({ kind }) => kind === 'invalid');
  return invalid.map(({ reason }) => notASchema(`outputSchema of ${called}`, reason));
}

const notASchema = (called: string, reason: string) =>
  failure(`the ${called} is not a valid JSON Schema: ${reason}`);

function argumentProblems(args: Json | undefined, called: string): Problem[] {
  if (args === undefined || args === null) return [];
  const isValid =
    Array.isArray(args) && args.every((arg) => isJsonObject(arg) && isText(arg['name']));
  return isValid ? [] : [failure(`the arguments of ${called} are not a list of named arguments`)];
}

function textProblems(item: Item, called: string): Problem[] {
  const isDescribed = isText(item['description']) && item['description'].trim() !== '';
  const empty: Problem[] = isDescribed
    ? []
    : [{ status: 'warning', text: `${called} has no description` }];
  return [...empty, ...hiddenProblems(item, called)];
}

function hiddenProblems(item: Item, called: string): Problem[] {
  const hidden = hiddenCharacters(item);
  if (hidden.length === 0) return [];
  return [{ status: 'warning', text: `${called} has hidden characters: ${hidden.join(', ')}` }];
}

function duplicates(
  items: readonly Item[],
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

function label(kind: string, { name }: Item, index: number): string {
  return isText(name) ? `${kind} ${JSON.stringify(name)}` : `${kind} ${index + 1}`;
}

const failure = (text: string): Problem => ({ status: 'failed', text });

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
