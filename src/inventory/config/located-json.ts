import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  parseTree,
  type ParseError,
  printParseErrorCode,
} from 'jsonc-parser';
import { withoutByteOrderMark } from '../../base/byte-order-mark';
import { type Path } from './problems';

/** A JSON document that knows on which line each of its members is. */
export interface LocatedJson {
  value: unknown;
  /** Line of a member, or of the nearest one around it. */
  lineOf(path: Path): number;
  /** Members that hide others, or that cannot be members; only where they are tolerated. */
  oddities: Oddity[];
}

export interface Oddity {
  line: number;
  message: string;
}

export interface ParseOptions {
  /** Of a member given twice the last one counts, as for most programs, instead of being a mistake. */
  isTolerant?: boolean;
}

export interface SyntaxProblem {
  line: number;
  column: number;
  message: string;
}

/** Parses JSON as people write configs: comments and trailing commas are fine, a member given twice is not. */
export function parseLocatedJson(
  text: string,
  { isTolerant = false }: ParseOptions = {},
): LocatedJson | { problem: SyntaxProblem } {
  try {
    return parse(withoutByteOrderMark(text), isTolerant);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the stack is full
    return { problem: { line: 1, column: 1, message: 'nested too deeply' } };
  }
}

function parse(text: string, isTolerant: boolean): LocatedJson | { problem: SyntaxProblem } {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const isEmpty = text.trim() === '';
  const [first] = isEmpty ? [] : errors;
  if (first) return { problem: { ...positionAt(text, first.offset), message: wordingOf(first) } };
  if (!root) return { problem: { line: 1, column: 1, message: 'the file is empty' } };
  const [odd, ...others] = oddMembers(root);
  if (odd && !isTolerant) {
    return { problem: { ...positionAt(text, odd.node.offset), message: odd.message } };
  }
  const oddities = (odd ? [odd, ...others] : []).map(({ node, message }) => ({
    line: positionAt(text, node.offset).line,
    message,
  }));
  return {
    value: odd ? valueOf(root) : (getNodeValue(root) as unknown),
    lineOf: (path) => positionAt(text, nearestNode(root, path).offset).line,
    oddities,
  };
}

/** The value of a node without members that would change its prototype; of two with one name, the last. */
function valueOf(node: Node): unknown {
  const children = node.children ?? [];
  if (node.type === 'array') return children.map(valueOf);
  if (node.type !== 'object') return getNodeValue(node) as unknown;
  const members = children.flatMap(({ children: [key, value] = [] }) =>
    key && value && key.value !== '__proto__'
      ? [[key.value as unknown, valueOf(value)] as const]
      : [],
  );
  return Object.fromEntries(members) as unknown;
}

function wordingOf(error: ParseError): string {
  const words = printParseErrorCode(error.error).replace(/([a-z])([A-Z])/g, '$1 $2');
  return words.toLowerCase();
}

/** A member given twice would hide the other; `__proto__` would not become a member at all. */
function oddMembers(node: Node): { node: Node; message: string }[] {
  const seen = new Set<unknown>();
  return (node.children ?? []).flatMap((child) => {
    const key: unknown = node.type === 'object' ? child.children?.[0]?.value : undefined;
    const own = oddityOf(key, seen);
    if (key !== undefined) seen.add(key);
    return [...(own === undefined ? [] : [{ node: child, message: own }]), ...oddMembers(child)];
  });
}

function oddityOf(key: unknown, seen: ReadonlySet<unknown>): string | undefined {
  if (key === '__proto__') return 'a member must not be named "__proto__"';
  if (key === undefined || !seen.has(key)) return undefined;
  return `duplicate member ${JSON.stringify(key)}`;
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
