/** URIs of resources at an endpoint of many servers: unchanged, or with the server in front when two have the same. */

const PREFIX = 'mainspring://';
const WRAPPED = /^mainspring:\/\/([^/]+)\/(.+)$/s;

/** Returns a URI that names its server. It is encoded, so that no client can interpret its `..` or `//` as its own. */
export function wrapUri(server: string, original: string): string {
  return `${PREFIX}${server}/${encodeURIComponent(original.replace(/\p{Cs}/gu, '\ufffd'))}`;
}

/** Wraps a template. It is not encoded, so that its expansion holds exactly what the server expects. */
export function wrapTemplate(server: string, original: string): string {
  return `${PREFIX}${server}/${original}`;
}

/** Whether a URI is in our own scheme. Such URIs are always wrapped, so that no server can list the wrapped URI of another. */
export function isOurs(uri: string): boolean {
  return uri.toLowerCase().startsWith('mainspring:');
}

/** Returns the server and its URI, from a result of `wrapUri` or a client's expansion of a result of `wrapTemplate`. */
export function unwrapUri(uri: string): { server: string; original: string } | undefined {
  const [, server, rest] = WRAPPED.exec(uri) ?? [];
  if (server === undefined || rest === undefined) return undefined;
  if (rest.includes(':')) return { server, original: rest }; // an encoded URI has no colon
  try {
    return { server, original: decodeURIComponent(rest) };
  } catch {
    return undefined;
  }
}

/**
 * Longest URI that is matched with templates, which takes time in proportion (RFC 9110 section 4.1 recommends at least
 * 8,000).
 */
export const MAX_MATCHED_URI_LENGTH = 8_192;

/** Template (RFC 6570) in the form that URIs are matched with. */
export interface UriPattern {
  parts: readonly Part[];
  /** Number of literal characters: of two templates that match, the one with more of them is meant. */
  literals: number;
}

/** Literal text, or any text without these characters. */
type Part = string | { without: string };

export function uriPattern(template: string): UriPattern {
  const parts = template
    .split(/(\{[^{}]*\})/)
    .filter((part) => part !== '')
    .map((part): Part => (/^\{.*\}$/s.test(part) ? { without: excludedBy(part[1]) } : part));
  const literals = parts.reduce(
    (sum, part) => sum + (typeof part === 'string' ? part.length : 0),
    0,
  );
  return { parts, literals };
}

/** Whether a URI matches; takes time proportional to URI × parts, whatever a server writes. */
export function matchesPattern(uri: string, { parts }: UriPattern): boolean {
  let reached = new Set([0]);
  for (const part of parts) {
    reached = typeof part === 'string' ? after(uri, part, reached) : within(uri, part, reached);
    if (reached.size === 0) return false;
  }
  return reached.has(uri.length);
}

/** Returns the characters that an expression cannot expand to, by its operator. */
function excludedBy(operator = ''): string {
  if (operator === '+' || operator === '#') return '';
  return '?&;/'.includes(operator) ? '#' : '/?#';
}

function after(uri: string, text: string, reached: ReadonlySet<number>): Set<number> {
  const found = [...reached].filter((offset) => uri.startsWith(text, offset));
  return new Set(found.map((offset) => offset + text.length));
}

function within(
  uri: string,
  { without }: { without: string },
  reached: ReadonlySet<number>,
): Set<number> {
  const next = new Set<number>();
  for (let offset = 0; offset <= uri.length; offset += 1) {
    const character = uri[offset - 1];
    const isFollowed =
      next.has(offset - 1) && character !== undefined && !without.includes(character);
    if (reached.has(offset) || isFollowed) next.add(offset);
  }
  return next;
}
