import { MEMBER_NAMES } from '../../config/config-schema';
import { formatPath, type Path, type Problem } from '../../config/problems';
import { nameProblem } from '../../fields/server-name';
import { detectType } from '../../fields/server-type';
import { codexMembers } from '../codex';
import {
  type DialectName,
  type FoundServer,
  isObject,
  type Members,
  type WrittenEntry,
} from '../dialect';
import { withOwnFlags } from './entry-flags';
import { mapEntryTexts, ownReferences } from './entry-references';
import { type Warn, withOwnValues } from './entry-values';
import { withOwnMembers } from './entry-members';
import { withFillIns } from './fill-in';
import { foreignText } from './foreign-member';
import { gooseMembers } from '../goose';
import { withLauncher } from './launchers';
import { litellmMembers } from '../litellm';

/** Bare numbers below this in a health check are seconds. */
const SECONDS_BELOW = 1_000;

/** Converts one entry. Leaves invalid members for the schema to report. */
export function readEntry(
  { written, value, path, dialect }: WrittenEntry,
  name: string,
): FoundServer {
  const found = { name, written, path, dialect };
  if (!isObject(value)) return { ...found, entry: value, warnings: [] };
  const warnings: Problem[] = [];
  const { entry: members, origins } = membersIn(dialect, value);
  const documentPath = (own: Path): Path => {
    const [first = '', ...rest] = own;
    const origin = Object.hasOwn(origins, first) ? origins[first] : undefined;
    return [...(origin ?? [first]), ...rest];
  };
  const warn: Warn = (own, message) => {
    const at = documentPath(own);
    warnings.push({ path: at, message: `${formatPath(at.length > 0 ? at : own)}: ${message}` });
  };
  const { own, extra } = separated(
    withOwnFlags(withOwnValues(members, warn), warn),
    { written, name },
    warn,
  );
  const referring = mapEntryTexts(withLauncher(own), (text) => ownReferences(text, dialect));
  const filled = withFillIns(name, referring, warn);
  if (dialect === 'gemini' && isUntypedUrl(filled)) filled['type'] = 'sse';
  const typed = dialect === 'vscode' ? withType(filled) : filled;
  if (name !== written && written !== '') {
    const why =
      nameProblem(written) === undefined ? 'is already taken' : 'is not a valid server name';
    const message = `renamed to "${name}": ${JSON.stringify(written)} ${why}`;
    warnings.push({ path: [], message });
  }
  const kept = { extra, written: name === written ? undefined : written };
  return { ...found, entry: withExtra(inOurUnits(typed), dialect, kept), origins, warnings };
}

function membersIn(dialect: DialectName, value: Members) {
  if (dialect === 'codex') return codexMembers(value);
  const { entry, origins } = withOwnMembers(value);
  if (dialect === 'litellm') return { entry: litellmMembers(entry), origins };
  return { entry: dialect === 'goose' ? gooseMembers(entry) : entry, origins };
}

/** Separates our members from those of other programs. */
function separated(
  entry: Members,
  { written, name }: { written: string; name: string },
  warn: Warn,
): { own: Record<string, unknown>; extra: Record<string, unknown> } {
  const own: Record<string, unknown> = {};
  const extra: Record<string, unknown> = {};
  for (const [member, content] of Object.entries(entry)) {
    if (content === undefined) continue;
    if (isOurs(member, content, entry)) own[member] = content;
    else if (member === 'name' && (content === written || content === name))
      extra[member] = content;
    else {
      extra[member] = content;
      if (!isEmpty(content)) warn([member], foreignText(member, content, entry));
    }
  }
  return { own, extra };
}

/** Whether the content is empty, so that its loss needs no warning. */
function isEmpty(content: unknown): boolean {
  if (content === null || content === '') return true;
  return typeof content === 'object' && Object.keys(content).length === 0;
}

/** Whether the member is ours. Others have an `auth` of another form; `script` and `image` replace a command. */
function isOurs(member: string, content: unknown, { type, command }: Members): boolean {
  if (MEMBER_NAMES.includes(member)) {
    if (member === 'auth') return isObject(content);
    return member !== 'extra' || isObject(content);
  }
  if (command !== undefined || typeof type !== 'string') return false;
  if (member === 'script') return type === 'nodejs' || type === 'python';
  return member === 'image' && type === 'docker';
}

/** Whether Gemini CLI would use the URL for SSE, its default. */
function isUntypedUrl({ type, url, command }: Members): boolean {
  return type === undefined && url !== undefined && command === undefined;
}

/** Adds the type that VS Code detects by itself; our exports always contain it. */
function withType(entry: Record<string, unknown>): Record<string, unknown> {
  if (entry['type'] !== undefined) return entry;
  const { command, url } = entry;
  const detected = detectType({
    ...(typeof command === 'string' && { command }),
    ...(typeof url === 'string' && { url }),
  });
  return 'problem' in detected ? entry : { type: detected.type, ...entry };
}

/** Adds to the entry everything that has to be kept for exports. */
function withExtra(
  entry: Record<string, unknown>,
  dialect: DialectName,
  { extra, written }: { extra: Members; written?: string | undefined },
): Record<string, unknown> {
  const kept = {
    ...(isObject(entry['extra']) ? entry['extra'] : {}),
    ...(Object.keys(extra).length > 0 && { [dialect]: extra }),
    ...(written !== undefined && { name: written }),
  };
  return Object.keys(kept).length > 0 ? { ...entry, extra: kept } : entry;
}

/** Spelling of Cursor. */
const AUTH_ALIASES: ReadonlyMap<string, string> = new Map([
  ['CLIENT_ID', 'clientId'],
  ['CLIENT_SECRET', 'clientSecret'],
]);

function inOurUnits(entry: Record<string, unknown>): Record<string, unknown> {
  const { auth, healthCheck } = entry;
  return {
    ...entry,
    ...(isObject(auth) && { auth: withOwnNames(auth) }),
    ...(healthCheck !== undefined && { healthCheck: withUnits(healthCheck) }),
  };
}

function withOwnNames(auth: Members): Members {
  return Object.fromEntries(
    Object.entries(auth).map(([member, value]) => [AUTH_ALIASES.get(member) ?? member, value]),
  );
}

function withUnits(check: unknown): unknown {
  if (Array.isArray(check)) return check.map(withUnits);
  if (!isObject(check)) return check;
  return Object.fromEntries(
    Object.entries(check).map(([member, value]) => {
      const isDuration = member === 'interval' || member === 'timeout';
      const isSeconds = isDuration && typeof value === 'number' && value < SECONDS_BELOW;
      return [member, isSeconds ? `${value}s` : value];
    }),
  );
}
