/** Words between angle brackets or braces that ask the reader for a value. */
const PLACEHOLDER_WORD =
  '(?:your|my|token|key|secret|pass(?:word)?|pat|path|id|user|name|url|host|domain|project|org|workspace|account|email|region|database|insert|enter|replace)';
const BRACKETED = new RegExp(String.raw`<[^<>\n]*\b\w*${PLACEHOLDER_WORD}\w*\b[^<>\n]*>`, 'i');
const BRACED = new RegExp(
  String.raw`(?<![$\{])\{[\w -]*(?:your|token|key|secret|password)[\w -]*\}(?!\})`,
  'i',
);
/** `YOUR_API_KEY`, `your-token-here`; not the end of another word. */
const YOUR = /(?<![A-Za-z0-9_])your(?:[_-][A-Za-z0-9]+)+/i;
/** Asterisks that hide the rest of an example. */
const STARS = /[\w-]*\*{3,}/;
/** Placeholders as a whole text only. Words that may be a real password, such as "changeme" or "secret", are left out. */
const WHOLE =
  /^(?:replace[_-]?(?:me|this)|fill[_-]?in|(?:insert|enter|put|add|paste)[_-]\S+|\S+[_-]here|todo|tbd|placeholder|redacted|x{3,}|\.{3}|…|my[_-]?api[_-]?key)$/i;
const FAKE_KEY = /^[a-z]+[-_](?:x{4,}|\.{3}|…|your[-_]\S+)$/i;
/** Assignments such as `NAME=REDACTED` among arguments. */
const AFTER_EQUALS = /^[A-Z][A-Z0-9_]*=(\S+)$/;
const SCHEME = /^(?:(?:Bearer|Basic|Token)\s+)/i;

/** Returns the part of a text that its owner has to replace; undefined when it seems to be meant as it is. */
export function placeholderIn(text: string): string | undefined {
  const bare = text.trim().replace(SCHEME, '');
  if (bare === '' || bare.includes('${')) return undefined;
  if (WHOLE.test(bare) || FAKE_KEY.test(bare)) return bare;
  const assigned = AFTER_EQUALS.exec(bare)?.[1];
  if (assigned !== undefined && WHOLE.test(assigned)) return assigned;
  for (const pattern of [BRACKETED, BRACED, YOUR, STARS]) {
    const found = pattern.exec(bare)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a text is only an example of a path. */
export function isPathPlaceholder(text: string): boolean {
  return /(?:^|[/\\=])path[/\\]to[/\\]/i.test(text);
}
