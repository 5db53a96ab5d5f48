/** A shorter value is found by chance in other text: masking "1" would garble everything. */
export const MIN_SECRET_LENGTH = 6;

/** Why a value is no secret. */
export type NoSecret = 'empty' | 'boolean' | 'number' | 'path' | 'short';

/** Whether a value is hidden in what Mainspring stores and shows, and why. */
export type SecretVerdict =
  { isSecret: true; reason: 'marked' | 'given' } | { isSecret: false; reason: NoSecret };

const BOOLEANS: ReadonlySet<string> = new Set(['true', 'false', 'yes', 'no', 'on', 'off']);
/** As many digits as a JSON number holds exactly; a key of digits only is longer. */
const NUMBER = /^[+-]?\d{1,15}(?:\.\d{1,15})?$/;
/** Only what says so itself is a path: `a/b` may as well be base64. */
const PATH_START = /^(?:\/|~\/|\.{1,2}[\\/]|[A-Za-z]:[\\/]|\\\\|file:\/\/)/i;
/** What base64, and the query of a URL, have and folders hardly ever do. */
const NO_PATH = /[+=?#]|^\/\/.*@/;
/** Folders have words in their names; letters and digits that run on for so long are a key. */
const KEY_LENGTH = 18;

/**
 * Whether a value that a server was given is a secret. What would be found by chance in other text, or has to be readable for a
 * log to make sense, is not; nor is it worth much to a thief.
 *
 * @param value - what a reference stands for, or a member with a secret's name holds
 * @param isMarked - its owner says that it is a secret, whatever it looks like
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

/** In doubt it is none: a path that is hidden costs a readable line, a key that is not costs more. */
export function isPath(text: string): boolean {
  if (!PATH_START.test(text) || NO_PATH.test(text) || text.includes('\n')) return false;
  return !text.split(/[^A-Za-z0-9]+/).some(isKey);
}

function isKey(part: string): boolean {
  return part.length >= KEY_LENGTH && /\d/.test(part) && /[A-Za-z]/.test(part);
}

/** Before the secret itself, in a header. */
const SCHEME = /^((?:Bearer|Basic|Token)\s+)(.+)$/i;

/** A credential as headers have it, without the word before it that says what kind it is. */
export function splitScheme(text: string): { scheme: string; credential: string } {
  const [, scheme = '', credential = text] = SCHEME.exec(text) ?? [];
  return { scheme, credential };
}

const SECRET_NAME =
  /(?:api[-_]?key|access[-_]?key|private[-_]?key|token|secret|passw(?:or)?d|credentials?|authorization|(?:^|_)pat)$/i;

/** Whether anybody would expect a secret in a variable, header or flag of this name. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}
