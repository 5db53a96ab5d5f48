import { variableNameOf } from '../../references/references';
import { type DialectName, isObject } from '../dialect';

const NAME = '[A-Za-z_][A-Za-z0-9_]*';
/** Reference of editors: `${env:NAME}`. */
const EDITOR_VARIABLE = new RegExp(String.raw`\$\{env:(${NAME}(?::-[^}]*)?)\}`, 'g');
/** Reference of OpenCode: `{env:NAME}` and `{file:path}`. */
const BRACED = new RegExp(String.raw`(?<!\$)\{(?:env:(${NAME})|(file:[^}]+))\}`, 'g');
/** Reference of Continue: `${{ secrets.NAME }}`. */
const SECRETS = new RegExp(String.raw`\$\{\{\s*(?:secrets|inputs|env)\.([\w./-]+)\s*\}\}`, 'g');
/** Reference of LiteLLM: the whole text. */
const ENVIRON = new RegExp(String.raw`^os\.environ/(${NAME})$`);
/** Reference of a shell: `$NAME`. */
const SHELL_VARIABLE = new RegExp(String.raw`(?<![\w$\\])\$(${NAME})`, 'g');

/** Programs that resolve `$NAME`, or whose users expect them to. */
const SHELL_LIKE: ReadonlySet<DialectName> = new Set(['opencode', 'gemini', 'goose', 'amp']);

/** Converts the references in a text to our syntax. */
export function ownReferences(text: string, dialect: DialectName): string {
  const own = text
    .replace(EDITOR_VARIABLE, '${$1}')
    .replace(SECRETS, (_whole, name: string) => `\${${variableNameOf(name)}}`)
    .replace(BRACED, (_whole, name?: string, file?: string) => `\${${name ?? file}}`)
    .replace(ENVIRON, '${$1}');
  return SHELL_LIKE.has(dialect) ? own.replace(SHELL_VARIABLE, '${$1}') : own;
}

const TEXT_MEMBERS = ['command', 'cwd', 'url', 'envFile', 'mcpb'];
const CONTAINERS = ['args', 'env', 'headers', 'auth'];

/** Applies `change` to each text of an entry that may hold a reference. */
export function mapEntryTexts(
  entry: Readonly<Record<string, unknown>>,
  change: (text: string, path: readonly (string | number)[]) => string,
): Record<string, unknown> {
  const mapped = Object.entries(entry).map(([member, value]): [string, unknown] => {
    if (TEXT_MEMBERS.includes(member) && typeof value === 'string') {
      return [member, change(value, [member])];
    }
    return [member, CONTAINERS.includes(member) ? mapTexts(value, [member], change) : value];
  });
  return Object.fromEntries(mapped);
}

function mapTexts(
  value: unknown,
  path: readonly (string | number)[],
  change: (text: string, path: readonly (string | number)[]) => string,
): unknown {
  if (typeof value === 'string') return change(value, path);
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => mapTexts(item, [...path, index], change));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, held]) => [
      member,
      mapTexts(held, [...path, member], change),
    ]),
  );
}
