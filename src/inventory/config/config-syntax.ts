import path from 'node:path';

export type ConfigSyntax = 'json' | 'toml' | 'yaml';

/** Both begin lists and tables in other forms, too. */
const JSON_NAME = /\.jsonc?$/i;
const BY_NAME: ReadonlyMap<string, ConfigSyntax> = new Map([
  ['.toml', 'toml'],
  ['.yaml', 'yaml'],
  ['.yml', 'yaml'],
]);
/** Before what a file begins with: blanks, and comments of all three. */
const PREAMBLE = /^(?:\s+|\uFEFF|\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|---(?=\s))*/;
const TOML_START = /^(?:\[\[?[\w\s."'-]+\]\]?[ \t]*(?:#[^\n]*)?(?:\r?\n|$)|[\w."'-]+[ \t]*=)/;
const YAML_START = /^(?:[\w."'-]+[ \t]*:(?:\s|$)|- )/;

/** What a config is written in: its name says so, or else how it begins. */
export function syntaxOf(file: string, text: string): ConfigSyntax {
  const named = BY_NAME.get(path.extname(file).toLowerCase());
  if (named) return named;
  const start = text.slice(PREAMBLE.exec(text)?.[0].length);
  if (JSON_NAME.test(file) && /^[[{]/.test(start)) return 'json';
  if (TOML_START.test(start)) return 'toml';
  return YAML_START.test(start) ? 'yaml' : 'json';
}
