import { z } from 'zod';
import { kindOf } from '../config/shown-value';
import { text } from './text-fields';

/** A variable or header: its text, or an object that marks the text as a secret whatever it looks like. */
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

/** Returns the members as plain text, without their marks. */
export function textsOf(members: MemberTexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, textOf(member)]),
  );
}

/** Changes the text of each member and keeps its mark. */
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

/** Names of the members that are marked as secrets. */
export function markedNames(members: MemberTexts = {}): string[] {
  return Object.entries(members).flatMap(([name, member]) =>
    typeof member === 'string' ? [] : [name],
  );
}
