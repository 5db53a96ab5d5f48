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

/** A JSON document with the line of each member. */
export interface LocatedJson {
  value: unknown;
  /** Returns the line of a member, or of its nearest existing parent. */
  lineOf(path: Path): number;
  /** Duplicate or impossible members; only when they are tolerated. */
  oddities: Oddity[];
}

export interface Oddity {
  line: number;
  message: string;
}

export interface ParseOptions {
  /** Accepts duplicate members and uses the last one, as most programs do. */
  isTolerant?: boolean;
}

export interface SyntaxProblem {
  line: number;
  column: number;
  message: string;
}

/** Parses JSON as written by people: comments and trailing commas are allowed, duplicate members are not. */
export function parseLocatedJson(
  text: string,
  { isTolerant = false }: ParseOptions = {},
): LocatedJson | { problem: SyntaxProblem } {
  try {
    return parse(withoutByteOrderMark(text), isTolerant);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the stack is exhausted
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

/** Returns the value of a node without members that would change its prototype; of duplicates, the last. */
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

/** Finds duplicate members, which would hide each other, and `__proto__`, which cannot be a member. */
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

/** Returns the node of the key if there is one, because readers look at its line. */
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
