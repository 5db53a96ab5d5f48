import { MAX_JSON_DEPTH } from './limits';

/** JSON from outside that is refused. The message completes "the message …". */
export class ForeignJsonError extends Error {
  override readonly name = 'ForeignJsonError';

  constructor(
    readonly problem: 'too-deep' | 'not-json',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Parses JSON that somebody else wrote: the one way in which text from a server, a client, a registry or a socket becomes a
 * value. Whatever handles the value may therefore recurse over it.
 *
 * @param maxDepth - arrays and objects within each other, above which it is refused before anything is built of it
 * @throws ForeignJsonError
 */
export function parseForeignJson(text: string, maxDepth = MAX_JSON_DEPTH): unknown {
  if (isDeeperThan(text, maxDepth)) {
    throw new ForeignJsonError('too-deep', `is nested more than ${maxDepth} levels deep`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ForeignJsonError('not-json', 'is not JSON');
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Brackets and braces differ in this bit only. */
const BRACE_BIT = 0x20;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/** Each character is looked at once, and those within strings only by the engine's own search. */
function isDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    const bracket = code & ~BRACE_BIT;
    if (bracket === OPENING) depth += 1;
    else if (bracket === CLOSING) depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
