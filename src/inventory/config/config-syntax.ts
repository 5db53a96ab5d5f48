import path from 'node:path';

export type ConfigSyntax = 'json' | 'toml' | 'yaml';

/** Name of a JSON file: decides when the text begins with `[` or `{`, which may also begin TOML and YAML. */
const JSON_NAME = /\.jsonc?$/i;
const BY_NAME: ReadonlyMap<string, ConfigSyntax> = new Map([
  ['.toml', 'toml'],
  ['.yaml', 'yaml'],
  ['.yml', 'yaml'],
]);
/** Blanks and comments of all three languages at the beginning of a file. */
const PREAMBLE = /^(?:\s+|\uFEFF|\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|---(?=\s))*/;
const TOML_START = /^(?:\[\[?[\w\s."'-]+\]\]?[ \t]*(?:#[^\n]*)?(?:\r?\n|$)|[\w."'-]+[ \t]*=)/;
const YAML_START = /^(?:[\w."'-]+[ \t]*:(?:\s|$)|- )/;

/** Detects the language of a config: by the extension, or else by the beginning of the text. */
export function syntaxOf(file: string, text: string): ConfigSyntax {
  const named = BY_NAME.get(path.extname(file).toLowerCase());
  if (named) return named;
  const start = text.slice(PREAMBLE.exec(text)?.[0].length);
  if (JSON_NAME.test(file) && /^[[{]/.test(start)) return 'json';
  if (TOML_START.test(start)) return 'toml';
  return YAML_START.test(start) ? 'yaml' : 'json';
}
