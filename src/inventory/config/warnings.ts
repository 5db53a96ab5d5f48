import { placeholderIn } from '../../domain/trust/placeholders';
import { isPath, isSecretName } from '../../domain/trust/secret-values';
import { type ServerEntry } from './config-schema';
import { type MemberTexts, textOf } from '../fields/member-text';
import { unknownReferences } from '../references/references';

/** Prefixes of the keys of well-known services. */
const KNOWN_KEY =
  /\b(?:gh[oprsu]_|github_pat_|glpat-|sk-|xox[abprs]-|AKIA|AIza|npm_|hf_)[A-Za-z0-9_-]{12,}/;
const SECRET_FLAG = /^--?([A-Za-z][\w-]*)(?:=(.+))?$/;
/** Password in a URL, such as that of a database, before the host. */
const URL_PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*:([^\s/?#@]+)@/gi;
const URL_PARAMETER = /[?&]([^=&#\s]+)=([^&#\s]+)/g;
/** A shell command line; a path may contain spaces. */
const COMMAND_LINE = /^[\w.-]+\s+\S/;
const WINDOWS_COMMAND =
  /(?:^|[\\/])(?:cmd|powershell|pwsh|[^\\/]+)\.(?:exe|cmd|bat|ps1)$|^(?:cmd|powershell)$/i;
/** Commands whose package Mainspring installs, even inside a wrapper. */
const LAUNCHER = /^(?:npx|bunx|uvx|pipx)(?:\.cmd|\.exe)?$/i;
const WINDOWS_PATH = /^(?:[A-Za-z]:[\\/]|\\\\|\/\/\.\/)/;
const REFERENCE_START = '${';

/** Warns of valid but suspicious parts of an entry. No warning shows a value. */
export function warningsOf({
  command,
  args = [],
  env = {},
  headers = {},
  ...entry
}: ServerEntry): string[] {
  const texts = [
    ...args.map((text, index) => ({ field: `args[${index}]`, text })),
    ...membersOf('env', env),
    ...membersOf('headers', headers),
    { field: 'url', text: entry.url ?? '' },
  ];
  const warnings = texts.flatMap(({ field, text }) =>
    unknownReferences(text).map(
      (reference) =>
        `${field}: ${reference} is passed on unchanged; a reference looks like \${NAME}, \${NAME:-default}, \${file:path} or \${input:id}`,
    ),
  );
  warnings.push(...shellReferences([...membersOf('env', env), ...membersOf('headers', headers)]));
  if (process.platform !== 'win32') warnings.push(...windowsOnly(command, args));
  for (const field of secretFields({ args, env, headers, url: entry.url })) {
    const exposure = field.startsWith('args')
      ? 'and visible to every program on the host'
      : 'and in backups of it';
    warnings.push(
      `${field}: looks like a secret, which would be readable in Temporal ${exposure}; use a reference such as \${NAME}`,
    );
  }
  if (
    command === undefined &&
    entry.mcpb === undefined &&
    (args.length > 0 || entry.cwd !== undefined || Object.keys(env).length > 0)
  ) {
    warnings.push('args, env and cwd have no effect without a command');
  }
  if (command !== undefined && COMMAND_LINE.test(command)) {
    warnings.push('command: expected a single program; put its arguments in args');
  }
  if (entry.auth && (entry.url === undefined || command !== undefined)) {
    warnings.push('auth only has an effect with a url and without a command');
  }
  if (entry.url === undefined && Object.keys(headers).length > 0) {
    warnings.push('headers have no effect without a url');
  }
  return warnings;
}

/** Fields of an entry that look like literal secrets. */
export function secretFields({
  args = [],
  env = {},
  headers = {},
  url = '',
}: Pick<ServerEntry, 'args' | 'env' | 'headers' | 'url'>): string[] {
  const inArgs = args.flatMap((arg, index) => {
    const [, flag, value] = SECRET_FLAG.exec(arg) ?? [];
    const isSecretFlag = flag !== undefined && isSecretName(flag);
    if (holdsSecret(arg) || (isSecretFlag && isLiteral(value))) return [`args[${index}]`];
    const next = args[index + 1];
    const isNextValue = isSecretFlag && value === undefined && !next?.startsWith('-');
    return isNextValue && isLiteral(next) ? [`args[${index + 1}]`] : [];
  });
  const inMembers = [...membersOf('env', env), ...membersOf('headers', headers)]
    .filter(
      ({ name, text, isMarked }) =>
        holdsSecret(text) ||
        (isLiteral(text) && (isMarked || (isSecretName(name) && !isPath(text)))),
    )
    .map(({ field }) => field);
  return [...new Set([...inArgs, ...inMembers, ...(holdsSecret(url) ? ['url'] : [])])];
}

function membersOf(of: 'env' | 'headers', members: MemberTexts) {
  return Object.entries(members).map(([name, member]) => ({
    field: `${of}.${name}`,
    name,
    text: textOf(member),
    isMarked: typeof member !== 'string',
  }));
}

/** Whether the text itself looks like a secret, whatever its name. */
function holdsSecret(text: string): boolean {
  if (KNOWN_KEY.test(text) && placeholderIn(text) === undefined) return true;
  if ([...text.matchAll(URL_PASSWORD)].some(([, password]) => isLiteral(password))) return true;
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  return (
    isUrl &&
    [...text.matchAll(URL_PARAMETER)].some(
      ([, name = '', value]) => isSecretName(name) && isLiteral(value),
    )
  );
}

/** Whether the text is a final value: a placeholder is no secret yet. */
function isLiteral(text: string | undefined): boolean {
  if (text === undefined || text === '' || text.includes(REFERENCE_START)) return false;
  return placeholderIn(text) === undefined;
}

/** Warns of `$NAME`, which is plain text here and in most programs, but rarely meant as such. */
function shellReferences(members: readonly { field: string; text: string }[]): string[] {
  return members.flatMap(({ field, text }) => {
    const name = /^(?:Bearer |Basic |Token )?\$([A-Za-z_][A-Za-z0-9_]*)$/i.exec(text)?.[1];
    if (name === undefined) return [];
    return [`${field}: $${name} is passed on unchanged; a reference looks like \${${name}}`];
  });
}

/** Warns of programs and paths that exist only on Windows. */
function windowsOnly(command: string | undefined, args: readonly string[]): string[] {
  const isUnwrapped = /^cmd(?:\.exe)?$/i.test(command ?? '') && LAUNCHER.test(args[1] ?? '');
  const shell = command !== undefined && WINDOWS_COMMAND.test(command) && !isUnwrapped;
  const paths = [command ?? '', ...args].flatMap((text, index) =>
    WINDOWS_PATH.test(text) ? [index === 0 ? 'command' : `args[${index - 1}]`] : [],
  );
  return [
    ...(shell ? [`command: ${command} only exists on Windows`] : []),
    ...(paths.length > 0
      ? [`${paths.join(', ')}: a Windows path, which does not exist on this machine`]
      : []),
  ];
}
