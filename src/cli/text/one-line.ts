/** The last words of a program have lines of their own. */
export function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' / ');
}
