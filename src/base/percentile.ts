/**
 * Returns the smallest value that this part of all values does not exceed (nearest rank); undefined when there is none.
 *
 * @param sorted - ascending
 * @param part - 0 to 1
 */
export function percentile(sorted: readonly number[], part: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
}
