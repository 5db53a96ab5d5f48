/**
 * Whether a pattern with `*` (any text) and `?` (one character) names this text as a whole. Neither is ours, so that it takes no
 * more steps than the product of both lengths.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let next = 0;
  /** Where the last `*` is, and up to where it reaches. */
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
      // It reaches one character further, and what follows it is tried again from there.
      at = star + 1;
      next = ++reach;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
