/** Members with an address, which clients send back exactly. */
const ADDRESS = /(?:ur[il]s?|template|href|src)$/i;
/** Members that identify something. */
const IDENTIFIER = /(?:^id|Id|_id|[cC]ursor)s?$/;
/** Members with one of a few words, a date or a size: a client refuses other values. */
const FIXED: ReadonlySet<string> = new Set([
  ...['type', 'role', 'audience', 'theme', 'sizes', 'mimeType', 'mimeTypes'],
  ...['lastModified', 'protocolVersion', 'status', 'level'],
]);

/**
 * Whether the value of this member is for programs: clients send it back, follow it, or compare it with a few words.
 * Everything else in a definition is for people and models to read.
 */
export function isForPrograms(member: string): boolean {
  return FIXED.has(member) || ADDRESS.test(member) || IDENTIFIER.test(member);
}
