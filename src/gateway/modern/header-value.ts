/**
 * Decodes the value of a header; undefined if it is not well-formed (2026-07-28, Value Encoding).
 */
export function decodeHeaderValue(value: string): string | undefined {
  if (!ALLOWED.test(value)) return undefined;
  const [, encoded] = SENTINEL.exec(value) ?? [];
  return encoded === undefined ? value : decodeBase64(encoded);
}

/** Visible ASCII, spaces and tabs. */
const ALLOWED = /^[\t\x20-\x7e]*$/;
/** Encoding of text that a header cannot carry unchanged. */
const SENTINEL = /^=\?base64\?(.*)\?=$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBase64(encoded: string): string | undefined {
  if (!BASE64.test(encoded)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(encoded, 'base64'),
    );
  } catch {
    return undefined;
  }
}
