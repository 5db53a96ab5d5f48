const PLACEHOLDER = /\$\{param:([^}]*)\}/g;

/** The parameters that a text of a template refers to as `${param:name}`. */
export function placeholdersIn(text: string): string[] {
  return Array.from(text.matchAll(PLACEHOLDER), ([, name = '']) => name);
}

/** Fills in the parameters of a text; undefined when one of them has no value. */
export function fillPlaceholders(
  text: string,
  valueOf: (name: string) => string | undefined,
): string | undefined {
  if (placeholdersIn(text).some((name) => valueOf(name) === undefined)) return undefined;
  return text.replace(PLACEHOLDER, (_whole, name: string) => valueOf(name) ?? '');
}
