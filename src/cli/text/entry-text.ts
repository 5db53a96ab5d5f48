import { type ServerEntry, textsOf } from '../../offline/check-new-entry';
import { visible } from './visible';

/** What adding an entry would run or connect to, exactly; for somebody who has to agree to it. */
export function entryText({ command, args = [], env = {}, headers, url, ...others }: ServerEntry) {
  const line = command === undefined ? [] : [shellLine([command, ...args])];
  const variables = Object.entries(textsOf(env)).map(
    ([name, value]) => `${quoted(name)}=${quoted(value)}`,
  );
  const lines = [
    [...variables, ...line].join(' '),
    url === undefined ? '' : `connects to ${quoted(url)}`,
    headers === undefined ? '' : `with headers ${Object.keys(headers).map(quoted).join(', ')}`,
    // All of them: some let code run while it is installed, or read files.
    ...Object.entries(others).map(
      ([member, value]) => `${member}: ${visible(JSON.stringify(value))}`,
    ),
  ];
  return lines.filter((text) => text !== '').join('\n');
}

/** As one would type it into a shell. */
export function shellLine(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

/** As a shell would need it, so that no argument can pass for two, or for none. */
function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${visible(text).replace(/'/g, `'\\''`)}'`;
}
