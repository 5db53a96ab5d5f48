import { type Members } from '../dialect';
import { type Say } from './entry-values';

const YES = new Set<unknown>([true, 'true', 'yes', 'on', 1, '1']);
const NO = new Set<unknown>([false, 'false', 'no', 'off', 0, '0']);

/** Converts the flags of an entry to ours. In doubt the server is disabled, so that no server starts that was switched off. */
export function withOwnFlags(entry: Members, say: Say): Record<string, unknown> {
  const { enabled, disabled, autostart, ...rest } = entry;
  const wants = [wish('enabled', enabled, say), negated(wish('disabled', disabled, say))];
  const isOff = wants.includes(false);
  const isContradiction = isOff && wants.includes(true);
  if (isContradiction) say(['disabled'], 'contradicts "enabled"; treated as disabled');
  const starts = wish('autostart', autostart, say);
  return {
    ...rest,
    ...(enabled !== undefined && !isContradiction && { enabled: wants[0] }),
    ...(disabled !== undefined && { disabled: isOff }),
    ...(autostart !== undefined && { autostart: starts }),
  };
}

function wish(member: string, flag: unknown, say: Say): boolean | undefined {
  if (flag === undefined) return undefined;
  const told = typeof flag === 'string' ? flag.trim().toLowerCase() : flag;
  if (YES.has(told)) return true;
  if (NO.has(told)) return false;
  say([member], `expected true or false; treated as ${member === 'disabled'}`);
  return member === 'disabled';
}

function negated(flag: boolean | undefined): boolean | undefined {
  return flag === undefined ? undefined : !flag;
}
