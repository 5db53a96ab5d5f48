/**
 * Whether a pattern with `*` (any text) and `?` (one character) matches the whole text. Both come from outside, so it
 * takes no more steps than the product of both lengths.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let next = 0;
  /** Position of the last `*`, and the end of the text that it covers. */
  let star = -1;
  let reach = 0;
  while (next < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      reach = next;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[next])) {
      at += 1;
      next += 1;
    } else if (star !== -1) {
      // Extend the last `*` by one character, and retry what follows it from there.
      at = star + 1;
      next = ++reach;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
