import { type UncheckedTool } from '../catalogue/tools';
import { type SchemaGap } from './compile-schema';

const MAX_NAMED = 5;
const MAX_NAME_LENGTH = 64;

/** Describes what is not checked now, for an event. */
export function uncheckedText(unchecked: readonly UncheckedTool[]): string {
  if (unchecked.length === 0) return 'the arguments of all tools are checked before calls again';
  const named = unchecked.slice(0, MAX_NAMED).map(reasonWithName);
  const others = unchecked.length - named.length;
  const more = others > 0 ? `; and ${others} more` : '';
  return `arguments not checked before calls: ${named.join('; ')}${more}`;
}

/** Describes what is not checked, and why, in one phrase. */
export function uncheckedReason({ what, reason }: SchemaGap): string {
  return what === 'schema' ? `not checked: ${reason}` : `partly checked: ${reason}`;
}

function reasonWithName(unchecked: UncheckedTool): string {
  return `${unchecked.tool.slice(0, MAX_NAME_LENGTH)} (${uncheckedReason(unchecked)})`;
}
