import { type RequestId } from '@modelcontextprotocol/client';

/** Known members of a message that was not parsed. */
export interface FrameHead {
  /** It has the member that makes JSON a JSON-RPC message. */
  isFrame: boolean;
  id: RequestId | undefined;
  /** It is a request or a notification, not an answer. */
  hasMethod: boolean;
}

/** Longest member name and value that are read; IDs in use are far shorter. */
const MAX_TOKEN_BYTES = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACE_BIT = 0x20;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/**
 * Finds the ID in a message that is too large to be kept, piece by piece and in constant memory.
 * The input need not be JSON; then the result may be empty.
 */
export class FrameScan {
  readonly #members = new Map<string, string>();
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** Name of the current member of the outermost object; undefined before its colon. */
  #name: string | undefined;
  #token: number[] = [];

  write(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#isInString && this.#depth !== 1) at = this.#skipString(bytes, at);
      else this.#take(bytes[at] ?? 0);
    }
  }

  get head(): FrameHead {
    if (this.#depth === 1) this.#endMember(); // the message may be truncated
    return {
      isFrame: this.#members.get('jsonrpc') === '"2.0"',
      id: idIn(this.#members.get('id')),
      hasMethod: this.#members.has('method'),
    };
  }

  /** Skips text inside the members of the message with the engine's fast search. */
  #skipString(bytes: Buffer, start: number): number {
    if (this.#isEscaped) {
      this.#isEscaped = false;
      return start;
    }
    const quote = bytes.indexOf(QUOTE, start);
    const escape = bytes.subarray(start, quote === -1 ? undefined : quote).indexOf(BACKSLASH);
    if (escape !== -1) {
      this.#isEscaped = true;
      return start + escape;
    }
    if (quote === -1) return bytes.length;
    this.#isInString = false;
    return quote;
  }

  #take(byte: number): void {
    if (this.#isInString) return this.#takeInString(byte);
    if (byte === QUOTE) {
      this.#isInString = true;
      return this.#keep(byte);
    }
    const bracket = byte & ~BRACE_BIT;
    if (bracket === OPENING) this.#depth += 1;
    else if (bracket === CLOSING) {
      if (this.#depth === 1) this.#endMember();
      this.#depth -= 1;
    } else if (this.#depth === 1 && byte === COLON) this.#endName();
    else if (this.#depth === 1 && byte === COMMA) this.#endMember();
    else this.#keep(byte);
  }

  #takeInString(byte: number): void {
    this.#keep(byte);
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
  }

  #keep(byte: number): void {
    if (this.#depth === 1 && this.#token.length <= MAX_TOKEN_BYTES) this.#token.push(byte);
  }

  #endName(): void {
    const name = parsed(this.#endToken());
    this.#name = typeof name === 'string' ? name : undefined;
  }

  #endMember(): void {
    const value = this.#endToken();
    if (this.#name !== undefined && NAMES.has(this.#name)) this.#members.set(this.#name, value);
    this.#name = undefined;
  }

  #endToken(): string {
    const isWhole = this.#token.length <= MAX_TOKEN_BYTES;
    const token = isWhole ? Buffer.from(this.#token).toString().trim() : '';
    this.#token = [];
    return token;
  }
}

const NAMES: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method']);

function idIn(text: string | undefined): RequestId | undefined {
  const id = text === undefined ? undefined : parsed(text);
  if (typeof id === 'number') return Number.isFinite(id) ? id : undefined;
  return typeof id === 'string' ? id : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
