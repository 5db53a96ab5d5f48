/** Shortest secret: a shorter value occurs by chance in other text, and masking "1" would garble everything. */
export const MIN_SECRET_LENGTH = 6;

/** Reason why a value is not a secret. */
export type NoSecret = 'empty' | 'boolean' | 'number' | 'path' | 'short';

/** Whether a value is hidden in what Mainspring stores and shows, and why. */
export type SecretVerdict =
  { isSecret: true; reason: 'marked' | 'given' } | { isSecret: false; reason: NoSecret };

const BOOLEANS: ReadonlySet<string> = new Set(['true', 'false', 'yes', 'no', 'on', 'off']);
/** Numbers with as many digits as a JSON number holds exactly; a key of digits only is longer. */
const NUMBER = /^[+-]?\d{1,15}(?:\.\d{1,15})?$/;
/** Unambiguous starts of a path: `a/b` may as well be base64. */
const PATH_START = /^(?:\/|~\/|\.{1,2}[\\/]|[A-Za-z]:[\\/]|\\\\|file:\/\/)/i;
/** Characters of base64 and of a URL's query that folders hardly ever have. */
const NO_PATH = /[+=?#]|^\/\/.*@/;
/** Length from which mixed letters and digits are a key: folders have words in their names. */
const KEY_LENGTH = 18;

/**
 * Decides whether a value that a server was given is a secret. A value that occurs by chance in other text, or has to
 * be readable for a log to make sense, is not; nor is it worth much to a thief.
 *
 * @param value - value of a reference, or of a member with a secret's name
 * @param isMarked - whether its owner has marked it as a secret, whatever it looks like
 */
export function judgeSecret(value: string, isMarked: boolean): SecretVerdict {
  const text = value.trim();
  if (text === '') return { isSecret: false, reason: 'empty' };
  if (isMarked) return { isSecret: true, reason: 'marked' };
  if (BOOLEANS.has(text.toLowerCase())) return { isSecret: false, reason: 'boolean' };
  if (NUMBER.test(text)) return { isSecret: false, reason: 'number' };
  if (isPath(text)) return { isSecret: false, reason: 'path' };
  if (text.length < MIN_SECRET_LENGTH) return { isSecret: false, reason: 'short' };
  return { isSecret: true, reason: 'given' };
}

/** Whether a text is a path. In doubt it is not: a hidden path costs a readable line, a visible key costs more. */
export function isPath(text: string): boolean {
  if (!PATH_START.test(text) || NO_PATH.test(text) || text.includes('\n')) return false;
  return !text.split(/[^A-Za-z0-9]+/).some(isKey);
}

function isKey(part: string): boolean {
  return part.length >= KEY_LENGTH && /\d/.test(part) && /[A-Za-z]/.test(part);
}

/** Scheme before the secret itself, in a header. */
const SCHEME = /^((?:Bearer|Basic|Token)\s+)(.+)$/i;

/** Splits a credential as headers have it into its scheme and the secret. */
export function splitScheme(text: string): { scheme: string; credential: string } {
  const [, scheme = '', credential = text] = SCHEME.exec(text) ?? [];
  return { scheme, credential };
}

const SECRET_NAME =
  /(?:api[-_]?key|access[-_]?key|private[-_]?key|token|secret|passw(?:or)?d|credentials?|authorization|(?:^|_)pat)$/i;

/** Whether a variable, header or flag of this name is expected to hold a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}
