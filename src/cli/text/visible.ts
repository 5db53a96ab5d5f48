/**
 * Replaces what a terminal or an eye would not show, such as escape sequences, bidirectional overrides and zero-width
 * characters, by its code: text of a server must not be able to rewrite the screen, or to hide.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
