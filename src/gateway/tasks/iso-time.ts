/** Formats a time for tasks of both eras (ISO 8601). */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
