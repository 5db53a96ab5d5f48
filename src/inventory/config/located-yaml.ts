import { isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { withoutByteOrderMark } from '../../base/byte-order-mark';
import { type LocatedJson, type Oddity, type SyntaxProblem } from './located-json';
import { type Path } from './problems';

/** Maximum number of aliases, because expanding them could fill the memory. */
const MAX_ALIASES = 100;

/** Parses YAML and records the lines of its members. */
export function parseLocatedYaml(text: string): LocatedJson | { problem: SyntaxProblem } {
  const lines = new LineCounter();
  const document = parseDocument(withoutByteOrderMark(text), {
    lineCounter: lines,
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    // Sets, dates and similar types do not exist in JSON.
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { problem: { line, column: col, message: error.message } };
  }
  const lineAt = (offset: number | undefined) =>
    offset === undefined ? 1 : lines.linePos(offset).line;
  try {
    return {
      value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown,
      lineOf: (path) => lineAt(offsetOf(document.contents, path)),
      oddities: duplicateMembers(document.contents, lineAt),
    };
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof ReferenceError)) throw cause;
    return {
      problem: { line: 1, column: 1, message: 'nested too deeply, or too many aliases' },
    };
  }
}

/** Returns the offset of a member's key, or of its nearest existing parent. */
function offsetOf(root: unknown, path: Path): number | undefined {
  let offset: number | undefined;
  let at: unknown = root;
  for (const member of path) {
    const items: readonly unknown[] | undefined = itemsOf(at);
    if (!items) break;
    const item =
      typeof member === 'number'
        ? items[member]
        : items.find(
            (pair) => isPair(pair) && isScalar(pair.key) && String(pair.key.value) === member,
          );
    const keyNode = isPair(item) ? item.key : item;
    if (!isNode(keyNode)) break;
    offset = keyNode.range?.[0] ?? offset;
    at = isPair(item) ? item.value : item;
  }
  return offset;
}

function itemsOf(node: unknown): readonly unknown[] | undefined {
  return isNode(node) && 'items' in node && Array.isArray(node.items) ? node.items : undefined;
}

/** Finds duplicate members. */
function duplicateMembers(root: unknown, lineAt: (offset: number | undefined) => number): Oddity[] {
  const found: Oddity[] = [];
  if (!isNode(root)) return found;
  visit(root, {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && key.value !== '<<') {
          const message = `duplicate member ${JSON.stringify(key.value)}`;
          found.push({ line: lineAt(key.range?.[0]), message });
        }
        seen.add(key.value);
      }
    },
  });
  return found;
}
