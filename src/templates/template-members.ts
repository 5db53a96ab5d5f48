import { z } from 'zod';
import { LinearPattern } from '../domain/schemas/linear-pattern';
import { entrySchema } from '../inventory/config/config-schema';
import { nameProblem } from '../inventory/fields/server-name';
import { type Json } from '../base/json';

const PARAMETER_NAME = /^[a-z][a-z0-9-]*$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;

const text = z
  .string()
  .refine((value) => value.trim() !== '', 'expected a string that is not empty');
const json: z.ZodType<Json> = z.json();
const parameterName = z
  .string()
  .regex(PARAMETER_NAME, 'expected lowercase letters, digits and "-", starting with a letter');

const parameter = z.strictObject({
  name: parameterName,
  /** A `path` is made absolute; a `list` takes several values. */
  type: z.enum(['string', 'number', 'boolean', 'path', 'url', 'enum', 'list']),
  help: text,
  required: z.boolean().default(false),
  /** Its value goes into the secrets file; the entry gets a reference to it. */
  secret: z.boolean().default(false),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
  /** A regular expression that the whole value must match. */
  pattern: z
    .string()
    .refine(isLinearPattern, 'expected a regular expression without lookarounds or backreferences')
    .optional(),
  /** Values allowed for an `enum`. */
  options: z.array(text).min(1).optional(),
  /** Type of the items of a `list`; default: string. */
  items: z.enum(['string', 'path']).optional(),
  /** Kind that a path must already be on the machine where the server is added. */
  exists: z.enum(['folder', 'file']).optional(),
  example: text.optional(),
  /** Variable that usually holds the value: shown in help, never read. */
  env: z.string().regex(VARIABLE_NAME, 'expected the name of an environment variable').optional(),
});

/** Arguments that are added only when a parameter has a value or, for a boolean, is true. */
const conditionalArgs = z.strictObject({ when: parameterName, args: z.array(z.string()).min(1) });

const { validation: _validation, ...members } = entrySchema.shape;

/** An entry of `mcpServers`, with `${param:name}` in its texts. */
const entry = z.strictObject({
  ...members,
  args: z.array(z.union([z.string(), conditionalArgs])).optional(),
});

const call = z.strictObject({
  tool: text,
  arguments: z.record(z.string(), json).optional(),
  expect: text.optional(),
});

/** A template file, member by member. */
export const templateMembers = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().superRefine((name, context) => {
    const message = nameProblem(name);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
  title: text,
  description: text,
  tags: z.array(text).default([]),
  /** Words and phrases that users describe the task with. */
  keywords: z.array(text).default([]),
  /** Programs and accounts that must exist before. */
  prerequisites: z.array(z.strictObject({ name: text, help: text })).default([]),
  parameters: z.array(parameter).default([]),
  /** Groups of parameters; each group needs a value for at least one. */
  requiresOneOf: z.array(z.array(parameterName).min(2)).default([]),
  entry,
  /** Read-only calls that work everywhere, for `mainspring validate`. */
  validation: z
    .strictObject({ calls: z.array(call).default([]), credential: text.optional() })
    .optional(),
  /** Documentation that the template was checked against, and the date. */
  source: z
    .strictObject({
      package: text,
      version: text.optional(),
      checkedOn: z.string().regex(ISO_DATE, 'expected a date such as 2026-11-21'),
      documentation: z.url('expected a URL'),
    })
    .optional(),
  deprecated: z.strictObject({ reason: text, successor: text.optional() }).optional(),
});

export type Template = z.output<typeof templateMembers>;
export type TemplateParameter = z.output<typeof parameter>;
type TemplateEntry = z.output<typeof entry>;
export type TemplateArg = NonNullable<TemplateEntry['args']>[number];
export type TemplateCall = z.output<typeof call>;

function isLinearPattern(source: string): boolean {
  try {
    new LinearPattern(source);
    return true;
  } catch {
    return false;
  }
}
