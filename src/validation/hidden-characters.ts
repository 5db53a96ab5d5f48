/**
 * Characters that are invisible to people but visible to models: controls, bidirectional overrides,
 * zero-width and tag characters, and the variation selectors that can smuggle bytes. Newline and
 * tab are text; joiners and U+FE0F make emoji.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{E0100}-\u{E01EF}]/gu;
const HARMLESS = new Set(['\n', '\r', '\t', '\u200d', '\u00ad']);

/** Returns the hidden characters in any text of a value, as `U+202E`, each once. */
export function hiddenCharacters(value: unknown): string[] {
  const found = textsOf(value).flatMap((text) => text.match(HIDDEN) ?? []);
  return [...new Set(found)]
    .filter((character) => !HARMLESS.has(character))
    .map((character) => `U+${hexOf(character)}`);
}

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [key, ...textsOf(member)]);
}
