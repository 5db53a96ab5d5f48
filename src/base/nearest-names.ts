const MAX_MATCHES = 3;
/** Longest name that is compared: nobody mistypes a longer one, and comparing two takes the product of their lengths. */
const MAX_NAME_LENGTH = 100;
const MAX_CANDIDATES = 1_000;

/** Returns the candidates that a mistyped name may have meant, nearest first. */
export function nearMatches(name: string, candidates: readonly string[]): string[] {
  if (name.length > MAX_NAME_LENGTH) return [];
  const tolerance = Math.max(1, Math.floor(name.length / 3));
  return candidates
    .slice(0, MAX_CANDIDATES)
    .map((candidate) => ({ candidate, distance: distanceWithin(name, candidate, tolerance) }))
    .filter(({ distance }) => distance <= tolerance)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, MAX_MATCHES)
    .map(({ candidate }) => candidate);
}

/** Returns a hint with the names that were probably meant, to append to an error; empty when no name is near. */
export function didYouMean(
  near: readonly string[],
  form: 'sentence' | 'clause' | 'brackets' = 'sentence',
): string {
  if (near.length === 0) return '';
  const names = near.map((name) => JSON.stringify(name)).join(' or ');
  switch (form) {
    case 'sentence':
      return ` Did you mean ${names}?`;
    case 'clause':
      return `; did you mean ${names}?`;
    case 'brackets':
      return ` (did you mean ${names}?)`;
  }
}

/** Edits (insert, delete, replace, swap of neighbours) between two names, or Infinity when beyond `limit`. */
function distanceWithin(from: string, to: string, limit: number): number {
  const a = from.toLowerCase();
  const b = to.toLowerCase();
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  const rows: number[][] = [];
  const cell = (row: number, column: number) => rows[row]?.[column] ?? Math.max(row, column);
  for (let i = 0; i <= a.length; i++) {
    const row: number[] = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      if (i === 0) row.push(j);
      else {
        const replaced = cell(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
        const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
        const swapped = isSwap ? cell(i - 2, j - 2) + 1 : Infinity;
        row.push(Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, replaced, swapped));
      }
    }
  }
  return cell(a.length, b.length);
}
