import { visible } from './visible';

/** As one would type it into a shell. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** As a shell would need it, so that no argument can pass for two, or for none. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${visible(text).replace(/'/g, `'\\''`)}'`;
}
