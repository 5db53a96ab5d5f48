/** Deepest nesting of arrays and objects in a message; deeper ones could overflow the stack of code that serialises them. */
export const MAX_JSON_DEPTH = 256;
/** Maximum of arrays and objects in one message: each costs many times its two bytes, in memory and in event loop time. */
const MAX_JSON_CONTAINERS = 1_000_000;

/** Refusal of JSON from outside. Its message completes "the message …". */
export class ForeignJsonError extends Error {
  override readonly name = 'ForeignJsonError';

  constructor(
    readonly problem: 'too-deep' | 'too-many' | 'not-json',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Parses JSON from outside: the only way in which text from a server, a client, a registry or a socket becomes a value.
 * Code that handles the value may therefore recurse over it, and takes a bounded time.
 *
 * @param maxDepth - deepest nesting of arrays and objects; deeper text is refused before anything is parsed
 * @throws ForeignJsonError
 */
export function parseForeignJson(text: string, maxDepth = MAX_JSON_DEPTH): unknown {
  const excess = excessOf(text, maxDepth);
  if (excess) throw excess;
  try {
    return JSON.parse(text);
  } catch {
    throw new ForeignJsonError('not-json', 'is not valid JSON');
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Brackets and braces differ in this bit only. */
const BRACE_BIT = 0x20;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/** Visits each character once; the engine's own search skips strings. */
function excessOf(text: string, maxDepth: number): ForeignJsonError | undefined {
  let depth = 0;
  let containers = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    const bracket = code & ~BRACE_BIT;
    if (bracket === CLOSING) depth -= 1;
    if (bracket !== OPENING) continue;
    depth += 1;
    containers += 1;
    if (depth > maxDepth) {
      return new ForeignJsonError('too-deep', `is nested more than ${maxDepth} levels deep`);
    }
    if (containers > MAX_JSON_CONTAINERS) {
      const why = `has more than ${MAX_JSON_CONTAINERS} arrays and objects`;
      return new ForeignJsonError('too-many', why);
    }
  }
  return undefined;
}

/** Returns the offset of the closing quote of the string that begins at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
