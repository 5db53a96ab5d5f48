import { z } from 'zod';
import { MAX_EXPOSED_NAME_LENGTH } from '../../domain/endpoint/exposed-names';
import { SERVER_NAME } from '../../domain/names';
import { type ProfileRules } from '../../domain/endpoint/profiles';
import { nonEmpty } from './text-fields';
import { type Json } from '../../base/json';

const EXPOSED_NAME = new RegExp(`^[A-Za-z0-9_-]{1,${MAX_EXPOSED_NAME_LENGTH}}$`);

const json: z.ZodType<Json> = z.json();
const patterns = z.array(nonEmpty);
const name = z.string().regex(SERVER_NAME, 'expected 1 to 64 letters, digits, "-" or "_"');

/** Separate, because the JSON Schema of a config is derived from it. */
const argumentMembers = z.strictObject({
  value: json.optional(),
  hide: z.boolean().optional(),
  description: z.string().optional(),
  default: json.optional(),
});

const override = z.strictObject({
  name: z
    .string()
    .regex(EXPOSED_NAME, `expected 1 to ${MAX_EXPOSED_NAME_LENGTH} letters, digits, "-" or "_"`)
    .optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  arguments: z.record(nonEmpty, argumentMembers).optional(),
});

export const profileMembers = z.strictObject({
  /** Names of servers, and names with `*` and `?`. */
  servers: patterns,
  /** Prefixes of the names of tools and prompts, by server. */
  aliases: z.record(name, name).optional(),
  /** Tools of the profile, as `tool`, `server/tool` or exposed name, with `*` and `?`; default: all. */
  tools: patterns.optional(),
  /** Tools that are excluded. */
  exclude: patterns.optional(),
  /** Overrides by exposed name or `server/tool`. */
  overrides: z.record(nonEmpty, override).optional(),
  search: z.union([z.boolean(), z.strictObject({ always: patterns })]).optional(),
  systemPrompt: z.string().optional(),
}) satisfies z.ZodType<ProfileRules>;

export type WrittenProfile = z.infer<typeof profileMembers>;

/** The profiles of a config file, as written. */
export const profilesField = z.record(name, profileMembers.superRefine(hasOneValue));

/** Profile with its origin, which the inventory adds: a config file; an agent's profile has none. */
export const recordedProfile = profileMembers.extend({ origin: z.string().optional() });

export type Profile = z.infer<typeof recordedProfile>;

function hasOneValue({ overrides = {} }: WrittenProfile, context: z.RefinementCtx): void {
  for (const [tool, { arguments: argumentRules = {} }] of Object.entries(overrides)) {
    for (const [argument, { value, default: fallback }] of Object.entries(argumentRules)) {
      if (value === undefined || fallback === undefined) continue;
      const path = ['overrides', tool, 'arguments', argument, 'default'];
      const message = 'has no effect together with "value"; use only one of them';
      context.addIssue({ code: 'custom', path, message });
    }
  }
}
