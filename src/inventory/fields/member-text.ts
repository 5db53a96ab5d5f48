import { z } from 'zod';
import { kindOf } from '../config/shown-value';
import { text } from './text-fields';

/** A variable or header: its text, or an object around it that marks it as a secret whatever it looks like. */
export const memberText = z.union(
  [text, z.strictObject({ value: text, secret: z.literal(true) })],
  {
    error: ({ input }) =>
      typeof input === 'object' && input !== null && !Array.isArray(input)
        ? 'expected a string, or { "value": "…", "secret": true }'
        : `expected a string, got ${kindOf(input)}`,
  },
);

export type MemberText = z.infer<typeof memberText>;
export type MemberTexts = Record<string, MemberText>;

export function textOf(member: MemberText): string {
  return typeof member === 'string' ? member : member.value;
}

/** Each of them as plain text, for whoever knows no marks. */
export function textsOf(members: MemberTexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, textOf(member)]),
  );
}

/** Each of them with its text changed and its mark kept. */
export function mapMembers(
  members: MemberTexts,
  change: (text: string, name: string) => string,
): MemberTexts {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => {
      const changed = change(textOf(member), name);
      return [name, typeof member === 'string' ? changed : { ...member, value: changed }];
    }),
  );
}

/** The names of those that are marked as secrets. */
export function markedNames(members: MemberTexts = {}): string[] {
  return Object.entries(members).flatMap(([name, member]) =>
    typeof member === 'string' ? [] : [name],
  );
}
