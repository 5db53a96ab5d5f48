/**
 * How to set variables that are not set, by their real names.
 *
 * @param files - which are read besides the environment
 */
export function howToSet([first = 'NAME', ...more]: readonly string[], files: string): string {
  const lines = [first, ...more].map((name) => `${name}=…`).join(', ');
  return [
    `Write ${lines} into ${files}.`,
    'A variable that was exported in a terminal counts only if Mainspring was started from it afterwards: its environment is the one that it was started with.',
    `Or give a default: \${${first}:-value}.`,
  ].join(' ');
}
