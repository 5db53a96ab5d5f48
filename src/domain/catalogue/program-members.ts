/** Where something is; a client asks for it by exactly this. */
const ADDRESS = /(?:ur[il]s?|template|href|src)$/i;
/** What tells one thing from others. */
const IDENTIFIER = /(?:^id|Id|_id|[cC]ursor)s?$/;
/** One of a few words, a date or a size: a client refuses others. */
const FIXED: ReadonlySet<string> = new Set([
  ...['type', 'role', 'audience', 'theme', 'sizes', 'mimeType', 'mimeTypes'],
  ...['lastModified', 'protocolVersion', 'status', 'level'],
]);

/**
 * Whether the value of this member is for programs: what a client sends back, follows, or compares with a few words. Anything else in
 * a definition is for people and models to read.
 */
export function isForPrograms(member: string): boolean {
  return FIXED.has(member) || ADDRESS.test(member) || IDENTIFIER.test(member);
}
