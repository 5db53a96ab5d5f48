const MAX_SHOWN_LENGTH = 60;

/** Formats a value for an error: short, and never a whole document. */
export function shownValue(value: unknown): string {
  if (value === null || typeof value === 'object' || value === undefined) return kindOf(value);
  const written = JSON.stringify(value);
  return written.length > MAX_SHOWN_LENGTH ? `${written.slice(0, MAX_SHOWN_LENGTH)}…` : written;
}

/** Describes the type of a value, for places where the value may be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}
