/** A piece costs more than a hundred bytes beside what is in it: after so many they are put together. */
const MAX_SMALL_PIECES = 1_000;

/**
 * Bytes that come in pieces and are wanted as a whole. However small the pieces are, as those of whoever sends byte by byte, they take
 * little more memory than the bytes in them; each byte is copied twice at most.
 */
export class Pieces {
  readonly #blocks: Uint8Array[] = [];
  readonly #newest: Uint8Array[] = [];
  #size = 0;

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#size += piece.length;
    if (this.#newest.push(piece) < MAX_SMALL_PIECES) return;
    this.#blocks.push(Buffer.concat(this.#newest.splice(0)));
  }

  /** Takes all of them out, as they are. */
  takeAll(): Uint8Array[] {
    this.#size = 0;
    return [...this.#blocks.splice(0), ...this.#newest.splice(0)];
  }

  /** Takes all of them out, as a whole. */
  take(): Buffer {
    const size = this.#size;
    const pieces = this.takeAll();
    const [only] = pieces;
    if (!only || pieces.length > 1) return Buffer.concat(pieces, size);
    return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  }
}
