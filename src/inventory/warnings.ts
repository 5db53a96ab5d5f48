import { isPath, isSecretName } from '../domain/secret-values';
import { type ServerEntry } from './config-schema';
import { type MemberTexts, textOf } from './member-text';
import { unknownReferences } from './references';

/** Beginnings of keys that well-known services hand out. */
const KNOWN_KEY =
  /\b(?:gh[oprsu]_|github_pat_|glpat-|sk-|xox[abprs]-|AKIA|AIza|npm_|hf_)[A-Za-z0-9_-]{12,}/;
const SECRET_FLAG = /^--?([A-Za-z][\w-]*)(?:=(.+))?$/;
/** The password in a URL of a database and the like, before the host. */
const URL_PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*:([^\s/?#@]+)@/gi;
const URL_PARAMETER = /[?&]([^=&#\s]+)=([^&#\s]+)/g;
/** A line for a shell; a path may well have spaces. */
const COMMAND_LINE = /^[\w.-]+\s+\S/;
const REFERENCE_START = '${';

/** What is allowed in an entry and yet probably a mistake. No warning shows a value. */
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
        `${field}: ${reference} is passed on as it is; a reference is \${NAME}, \${NAME:-default}, \${file:path} or \${input:id}`,
    ),
  );
  for (const field of secretFields({ args, env, headers, url: entry.url })) {
    const place = field.startsWith('args')
      ? 'and visible to every program on the host'
      : 'and in backups of it';
    warnings.push(
      `${field}: looks like a secret; it is readable in Temporal ${place}: use a reference such as \${NAME}`,
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
    warnings.push('command: it names one program; what comes after it belongs into args');
  }
  if (entry.auth && (entry.url === undefined || command !== undefined)) {
    warnings.push('auth has an effect only for a url without a command');
  }
  if (entry.url === undefined && Object.keys(headers).length > 0) {
    warnings.push('headers have no effect without a url');
  }
  return warnings;
}

/** The fields of an entry that look like secrets and are no references. */
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
    ...{ field: `${of}.${name}`, name, text: textOf(member) },
    isMarked: typeof member !== 'string',
  }));
}

/** By what it says itself, whatever it is called. */
function holdsSecret(text: string): boolean {
  if (KNOWN_KEY.test(text)) return true;
  if ([...text.matchAll(URL_PASSWORD)].some(([, password]) => isLiteral(password))) return true;
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  return (
    isUrl &&
    [...text.matchAll(URL_PARAMETER)].some(
      ([, name = '', value]) => isSecretName(name) && isLiteral(value),
    )
  );
}

function isLiteral(text: string | undefined): boolean {
  return text !== undefined && text !== '' && !text.includes(REFERENCE_START);
}
