import { parse, TomlError } from 'smol-toml';
import { type LocatedJson, type SyntaxProblem } from './located-json';
import { withoutByteOrderMark } from '../../base/byte-order-mark';

const HEADER = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/;
const MEMBER =
  /^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=/;
const KEY = /"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)/g;

/** Parses TOML and records the lines of its tables and members. */
export function parseLocatedToml(text: string): LocatedJson | { problem: SyntaxProblem } {
  const clean = withoutByteOrderMark(text);
  try {
    const value: unknown = parse(clean);
    const lines = linesOf(clean);
    return {
      value,
      oddities: [],
      lineOf(path) {
        for (let length = path.length; length > 0; length -= 1) {
          const line = lines.get(JSON.stringify(path.slice(0, length).map(String)));
          if (line !== undefined) return line;
        }
        return 1;
      },
    };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const message = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
    return { problem: { line: error.line, column: error.column, message } };
  }
}

/** Line by path. Multi-line text may look like a member; the only effect is a wrong line in an error. */
function linesOf(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const record = (path: string[], line: number) => {
    for (let length = 1; length <= path.length; length += 1) {
      const key = JSON.stringify(path.slice(0, length));
      if (!lines.has(key)) lines.set(key, line);
    }
  };
  let table: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const header = HEADER.exec(line)?.[1];
    const member = MEMBER.exec(line)?.[1];
    if (header !== undefined) {
      table = keysOf(header);
      record(table, index + 1);
    } else if (member !== undefined) record([...table, ...keysOf(member)], index + 1);
  }
  return lines;
}

function keysOf(text: string): string[] {
  return [...text.matchAll(KEY)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');
}
