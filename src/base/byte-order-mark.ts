const BYTE_ORDER_MARK = '\uFEFF';

/** Removes the byte order mark that some programs, above all on Windows, write at the start of a text. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
