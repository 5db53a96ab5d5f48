import { type ValueState } from './facts';

/** What people write into examples. Words that are somebody's real password, such as "changeme", are left alone. */
const PLACEHOLDERS = [
  /^(?:bearer |token )?your[-_ ]/i,
  /^(?:bearer |token )?<.*>$/i,
  /[-_ ]here$/i,
  /^(?:insert|enter|paste|put|add|replace)[-_ ]/i,
  /^(?:.*[-_])?(?:x{3,}|\.{3,}|\*{3,}|…)$/i,
  /^(?:todo|tbd|placeholder|my[-_]?api[-_]?key)$/i,
];

/** Whether there is a value, and whether it can be a real one. Only secrets are never empty on purpose. */
export function valueState(value: string | undefined, isSecret: boolean): ValueState {
  if (value === undefined) return 'unset';
  if (!isSecret) return 'set';
  const text = value.trim();
  if (text === '') return 'empty';
  return PLACEHOLDERS.some((pattern) => pattern.test(text)) ? 'placeholder' : 'set';
}
