import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  parseTree,
  type ParseError,
  printParseErrorCode,
} from 'jsonc-parser';
import { type Path } from './problems';

/** A JSON document that knows on which line each of its members is. */
export interface LocatedJson {
  value: unknown;
  /** Line of a member, or of the nearest one around it. */
  lineOf(path: Path): number;
}

export interface SyntaxProblem {
  line: number;
  column: number;
  message: string;
}

/** Parses JSON as people write configs: comments and trailing commas are fine, a member given twice is not. */
export function parseLocatedJson(text: string): LocatedJson | { problem: SyntaxProblem } {
  try {
    return parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the stack is full
    return { problem: { line: 1, column: 1, message: 'it is nested too deeply' } };
  }
}

function parse(text: string): LocatedJson | { problem: SyntaxProblem } {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (!root) return { problem: { line: 1, column: 1, message: 'the file is empty' } };
  const [first] = errors;
  if (first) return { problem: { ...positionAt(text, first.offset), message: wordingOf(first) } };
  const odd = findOddMember(root);
  if (odd) return { problem: { ...positionAt(text, odd.node.offset), message: odd.message } };
  return {
    value: getNodeValue(root) as unknown,
    lineOf: (path) => positionAt(text, nearestNode(root, path).offset).line,
  };
}

function wordingOf(error: ParseError): string {
  const words = printParseErrorCode(error.error).replace(/([a-z])([A-Z])/g, '$1 $2');
  return words.toLowerCase();
}

/** A member given twice would hide the other; `__proto__` would not become a member at all. */
function findOddMember(node: Node): { node: Node; message: string } | undefined {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key: unknown = node.type === 'object' ? child.children?.[0]?.value : undefined;
    if (key === '__proto__')
      return { node: child, message: 'a member may not be called "__proto__"' };
    if (typeof key === 'string' && seen.has(key)) {
      return { node: child, message: `the member ${JSON.stringify(key)} is given twice` };
    }
    seen.add(key);
    const odd = findOddMember(child);
    if (odd) return odd;
  }
  return undefined;
}

/** The key where there is one: that is the line where a reader looks. */
function nearestNode(root: Node, path: Path): Node {
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node) return node.parent?.type === 'property' ? node.parent : node;
  }
  return root;
}

function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
