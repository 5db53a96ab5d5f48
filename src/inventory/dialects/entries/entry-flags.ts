import { type Members } from '../dialect';
import { type Warn } from './entry-values';

const YES = new Set<unknown>([true, 'true', 'yes', 'on', 1, '1']);
const NO = new Set<unknown>([false, 'false', 'no', 'off', 0, '0']);

/** Converts the flags of an entry to ours. In doubt the server is disabled, so that no server starts that was switched off. */
export function withOwnFlags(entry: Members, warn: Warn): Record<string, unknown> {
  const { enabled, disabled, autostart, ...rest } = entry;
  const flags = [flagOf('enabled', enabled, warn), negated(flagOf('disabled', disabled, warn))];
  const isOff = flags.includes(false);
  const isContradiction = isOff && flags.includes(true);
  if (isContradiction) warn(['disabled'], 'contradicts "enabled"; treated as disabled');
  const starts = flagOf('autostart', autostart, warn);
  return {
    ...rest,
    ...(enabled !== undefined && !isContradiction && { enabled: flags[0] }),
    ...(disabled !== undefined && { disabled: isOff }),
    ...(autostart !== undefined && { autostart: starts }),
  };
}

function flagOf(member: string, flag: unknown, warn: Warn): boolean | undefined {
  if (flag === undefined) return undefined;
  const normalised = typeof flag === 'string' ? flag.trim().toLowerCase() : flag;
  if (YES.has(normalised)) return true;
  if (NO.has(normalised)) return false;
  warn([member], `expected true or false; treated as ${member === 'disabled'}`);
  return member === 'disabled';
}

function negated(flag: boolean | undefined): boolean | undefined {
  return flag === undefined ? undefined : !flag;
}
