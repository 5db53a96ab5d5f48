import { isSecretName } from '../../domain/trust/secret-values';
import { type ServerEntry } from './config-schema';
import { secretFields } from './warnings';

const HIDDEN = '***';

/** Command or URL of an entry, for people: references as written, literal secrets hidden. */
export function shownEntry(entry: ServerEntry) {
  const { command, args = [], url } = entry;
  const secrets = new Set(secretFields(entry));
  return {
    command: command ?? null,
    args: args.map((arg, index) => (secrets.has(`args[${index}]`) ? hiddenArgument(arg) : arg)),
    url: url !== undefined && secrets.has('url') ? hiddenUrl(url) : (url ?? null),
  };
}

/** Hides the value of `--token=…`; the name of a flag is no secret. */
function hiddenArgument(arg: string): string {
  const [, flag] = /^(--?[A-Za-z][\w-]*=)/.exec(arg) ?? [];
  return `${flag ?? ''}${HIDDEN}`;
}

function hiddenUrl(text: string): string {
  if (!URL.canParse(text)) return HIDDEN;
  const url = new URL(text);
  if (url.password) url.password = HIDDEN;
  for (const name of url.searchParams.keys()) {
    if (isSecretName(name)) url.searchParams.set(name, HIDDEN);
  }
  return url.href === new URL(text).href ? HIDDEN : url.href;
}
