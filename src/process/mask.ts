import { MainspringError } from '../base/errors';
import { mapTexts } from '../base/map-texts';
import { type Json, type JsonObject } from '../base/json';
import { MIN_SECRET_LENGTH } from '../domain/trust/secret-values';

/** Replaces every secret in a text by `***`. */
export interface Mask {
  (text: string): string;
  /** Length of the longest form that is replaced: the part of a cut text that may belong to a secret. */
  readonly longest: number;
}

const REPLACEMENT = '***';
/** Shortest encoded part that is masked: a shorter one would match too much that is not secret. */
const MIN_ENCODED_LENGTH = 8;

/**
 * Creates a mask for these values as they are, URL-encoded, JSON-escaped, in base64, and line by line.
 *
 * @param secrets - values that `judgeSecret` has found to be secret: all of them are hidden, however short
 */
export function createMask(secrets: readonly string[]): Mask {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const longest = forms[0]?.length ?? 0;
  if (longest === 0) return Object.assign((text: string) => text, { longest });
  const pattern = new RegExp(forms.map(escapeRegExp).join('|'), 'g');
  return Object.assign((text: string) => text.replace(pattern, REPLACEMENT), { longest });
}

/** Maximum of secrets that are added later and kept: the newest, which may still be shown. */
const MAX_ADDED = 20;

/** Mask that takes more secrets while it is in use, such as access tokens that are renewed. */
export interface GrowingMask extends Mask {
  add(secret: string): void;
}

export function createGrowingMask(secrets: readonly string[]): GrowingMask {
  let added: string[] = [];
  let mask = createMask(secrets);
  return Object.defineProperty(
    Object.assign((text: string) => mask(text), {
      longest: 0,
      add(secret: string) {
        // Other parties issue them: one that occurs in any text would garble all of it.
        if (secret.length < MIN_SECRET_LENGTH || added.includes(secret)) return;
        added = [...added, secret].slice(-MAX_ADDED);
        mask = createMask([...secrets, ...added]);
      },
    }),
    'longest',
    { get: () => mask.longest },
  );
}

/** Returns the same error with a masked message and fix; a foreign error is returned as it is. */
export function masked<E>(error: E, mask: Mask): E | MainspringError {
  if (!(error instanceof MainspringError)) return error;
  const { code, message, fix, cause } = error;
  return new MainspringError(code, mask(message), { fix: mask(fix), cause });
}

/**
 * Masks the strings of JSON that is to be stored or shown. Member names, numbers and everything else stay: it is the
 * same JSON.
 *
 * @param isKept - selects members whose strings, or lists of strings, stay as they are; defaults to none
 */
export function maskedJson(value: JsonObject, mask: Mask, isKept?: IsKept): JsonObject;
export function maskedJson(value: Json, mask: Mask, isKept?: IsKept): Json;
export function maskedJson(value: Json, mask: Mask, isKept: IsKept = () => false): Json {
  return mapTexts(value, (text, member) =>
    member !== undefined && isKept(member) ? text : mask(text),
  );
}

type IsKept = (member: string) => boolean;

function formsOf(secret: string): string[] {
  if (secret === '') return [];
  // Output is masked line by line, and a key file has many; its last line may be a single brace.
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= MIN_SECRET_LENGTH);
  const encoded = encodeURIComponent(Buffer.from(secret).toString()); // well-formed: a lone surrogate would throw
  return [
    secret,
    ...lines,
    JSON.stringify(secret).slice(1, -1),
    encoded,
    encoded.replaceAll('%20', '+'),
    ...base64Forms(secret),
  ];
}

/**
 * Returns the base64 forms of a secret wherever it stands in a longer text (`user:secret` of Basic auth): one for each
 * of the three ways in which it can lie across base64's groups, without the characters that its neighbours share.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const whole = [bytes.toString('base64'), bytes.toString('base64url')];
  const inside = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(first, last);
  });
  const both = inside.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
  return [...whole, ...both].filter((form) => form.length >= MIN_ENCODED_LENGTH);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
