// eslint-disable-next-line no-control-regex -- the escape sequences that picocolors writes
const COLOURS = /(\x1b\[\d+m)/;
const RESET = '\x1b[0m';

/** Returns the first `columns` characters of a line; colours take no space, and end with it. */
export function fitLine(line: string, columns: number): string {
  let left = columns;
  let fitted = '';
  for (const part of line.split(COLOURS)) {
    if (COLOURS.test(part)) {
      fitted += part;
      continue;
    }
    const characters = [...part];
    if (characters.length > left) return `${fitted}${characters.slice(0, left).join('')}${RESET}`;
    fitted += part;
    left -= characters.length;
  }
  return fitted;
}

/** Returns the first `rows` lines; the last of them says how many are not shown. */
export function fitLines(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines;
  return [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`];
}
