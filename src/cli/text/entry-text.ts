import { type ServerEntry, textsOf } from '../../offline/check-new-entry';
import { shellLine, shellWord } from './shell-line';
import { visible } from './visible';

/** Renders exactly what adding an entry would run or connect to, for a user who has to agree to it. */
export function entryText({ command, args = [], env = {}, headers, url, ...others }: ServerEntry) {
  const line = command === undefined ? [] : [shellLine([command, ...args])];
  const variables = Object.entries(textsOf(env)).map(
    ([name, value]) => `${shellWord(name)}=${shellWord(value)}`,
  );
  const lines = [
    [...variables, ...line].join(' '),
    url === undefined ? '' : `connects to ${shellWord(url)}`,
    headers === undefined ? '' : `with headers ${Object.keys(headers).map(shellWord).join(', ')}`,
    // All of them: some let code run while it is installed, or read files.
    ...Object.entries(others).map(
      ([member, value]) => `${member}: ${visible(JSON.stringify(value))}`,
    ),
  ];
  return lines.filter((text) => text !== '').join('\n');
}
