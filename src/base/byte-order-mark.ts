const BYTE_ORDER_MARK = '\uFEFF';

/** A text without the mark that some programs, above all on Windows, put before what they write; the same text when there is none. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
