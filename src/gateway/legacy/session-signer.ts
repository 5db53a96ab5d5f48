import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Signs text that a client carries for us; only text that was signed for the same session is
 * accepted.
 */
export class SessionSigner {
  constructor(
    private readonly key: Buffer,
    private readonly session: string,
  ) {}

  seal(text: string): string {
    return `${text}.${this.#tag(text)}`;
  }

  /** Returns undefined for text that is forged or belongs to another session. */
  open(sealed: string): string | undefined {
    const at = sealed.lastIndexOf('.');
    const text = sealed.slice(0, Math.max(0, at));
    const given = Buffer.from(sealed.slice(at + 1));
    const expected = Buffer.from(this.#tag(text));
    const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
    return isOurs ? text : undefined;
  }

  #tag(text: string): string {
    const digest = createHmac('sha256', this.key).update(`${this.session} ${text}`).digest();
    return digest.subarray(0, TAG_BYTES).toString('base64url');
  }
}

const TAG_BYTES = 12;
