/** Number of small pieces after which they are merged: each costs more than a hundred bytes besides its content. */
const MAX_SMALL_PIECES = 1_000;

/**
 * Collects bytes that arrive in pieces and are needed as a whole. Pieces may be as small as one byte: they take little
 * more memory than their content, and each byte is copied twice at most.
 */
export class Pieces {
  readonly #blocks: Uint8Array[] = [];
  readonly #newest: Uint8Array[] = [];
  #size = 0;

  /** Total size in bytes. */
  get size(): number {
    return this.#size;
  }

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#size += piece.length;
    if (this.#newest.push(piece) < MAX_SMALL_PIECES) return;
    this.#blocks.push(Buffer.concat(this.#newest.splice(0)));
  }

  /** Removes and returns all bytes, in pieces. */
  takeAll(): Uint8Array[] {
    this.#size = 0;
    return [...this.#blocks.splice(0), ...this.#newest.splice(0)];
  }

  /** Removes and returns all bytes as one buffer. */
  take(): Buffer {
    const size = this.#size;
    const pieces = this.takeAll();
    const [only] = pieces;
    if (!only || pieces.length > 1) return Buffer.concat(pieces, size);
    return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  }
}
