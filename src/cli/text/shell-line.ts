import { visible } from './visible';

/** Joins words as one would type them into a shell. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** Quotes a word as a shell needs it, so that no argument can pass for two, or for none. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${visible(text).replace(/'/g, `'\\''`)}'`;
}
