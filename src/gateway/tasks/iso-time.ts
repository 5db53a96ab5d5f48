/** A time as tasks of both eras bear it (ISO 8601). */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
