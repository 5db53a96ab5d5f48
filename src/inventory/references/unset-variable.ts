/**
 * Explains how to set variables that are not set, by their real names.
 *
 * @param files - files that are read in addition to the environment
 */
export function setVariablesFix(
  [first = 'NAME', ...more]: readonly string[],
  files: string,
): string {
  const lines = [first, ...more].map((name) => `${name}=…`).join(', ');
  return [
    `Add ${lines} to ${files}.`,
    'A variable exported in a terminal only counts if Mainspring was started from that terminal afterwards.',
    `Or give a default: \${${first}:-value}.`,
  ].join(' ');
}
