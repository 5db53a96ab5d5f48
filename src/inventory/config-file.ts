import path from 'node:path';
import { type z } from 'zod';
import { MainspringError } from '../domain/errors';
import { alertsField, type WrittenReceiver } from './alerts-field';
import { answersOf, readManifest } from './bundle';
import { entrySchema, type ServerEntry } from './config-schema';
import { type ConfigContent, readConfigText } from './config-text';
import { type DialectName, type FoundServer, isObject } from './dialects/dialect';
import { ownName } from './dialects/own-name';
import { hasServers, readServers } from './dialects/read-servers';
import { gatewayField, type WrittenGateway } from './gateway-field';
import { type LocatedJson, parseLocatedJson } from './located-json';
import { parseLocatedToml } from './located-toml';
import { checkDocument, formatPath, type Path, type Problem } from './problems';
import { profilesField, type WrittenProfile } from './profile-field';
import { nameProblem } from './server-name';
import { unreadMembers } from './unread-members';

/** What one config file says. */
export interface ConfigFile {
  /** Absolute; the origin of its servers. */
  file: string;
  /** Where relative paths of its entries start. */
  baseDir: string;
  entries: ConfigEntry[];
  alerts: WrittenReceiver[];
  profiles: Record<string, WrittenProfile>;
  gateway?: WrittenGateway;
  /** Which of its members nobody has read, for its owner. */
  unread?: string;
}

export interface ConfigEntry {
  name: string;
  entry: ServerEntry;
  origin: { file: string; line: number };
  dialect: DialectName;
  /** What its owner should know, such as a member that has no effect here. */
  warnings: string[];
}

/** Editors keep their config in such a folder of the workspace; paths in it start at the workspace. */
const EDITOR_FOLDERS = new Set(['.vscode', '.cursor']);

export interface ReadOptions {
  /** A file without servers has none, instead of being wrong. */
  mayBeEmpty?: boolean;
}

/** Reads the servers of a file in any dialect. Every error names file, line and field, all of them at once. */
export async function readConfigFile(
  file: string,
  { mayBeEmpty = false }: ReadOptions = {},
): Promise<ConfigFile> {
  const absolute = path.resolve(file);
  const content = await readConfigText(file);
  const found =
    content.kind === 'bundle'
      ? { entries: [await readBundle(absolute)], alerts: [], profiles: {} }
      : readDocument(file, content, mayBeEmpty);
  return { file: absolute, baseDir: baseDirOf(absolute), ...found };
}

async function readBundle(file: string): Promise<ConfigEntry> {
  const manifest = await readManifest(file);
  const userConfig = answersOf(manifest);
  const raw = { mcpb: file, ...(Object.keys(userConfig).length > 0 && { userConfig }) };
  const checked = checkDocument(entrySchema, raw);
  if ('problems' in checked) {
    const [problem] = checked.problems;
    throw new MainspringError(
      'INVALID_CONFIG',
      `${file}: ${problem?.message ?? 'it is no bundle'}`,
    );
  }
  const common = { entry: checked.value, origin: { file, line: 1 }, warnings: [] };
  return { name: ownName(manifest.name), dialect: 'mcpb', ...common };
}

function readDocument(
  file: string,
  { kind: syntax, text }: Exclude<ConfigContent, { kind: 'bundle' }>,
  mayBeEmpty: boolean,
): Omit<ConfigFile, 'file' | 'baseDir'> {
  const located = parse(file, syntax, text);
  const speaksOfServers = hasServers(located.value, syntax);
  const own = ownParts(located.value, speaksOfServers);
  const ofParts = [...own.alerts.problems, ...own.profiles.problems, ...own.gateway.problems];
  if (ofParts.length > 0) throw invalid(file, located, ofParts);
  const gateway = own.gateway.value;
  const unread = unreadMembers(located.value);
  const parts = {
    ...{ alerts: own.alerts.value ?? [], profiles: own.profiles.value ?? {} },
    ...(gateway && { gateway }),
    ...(unread !== undefined && { unread }),
  };
  const hasParts = parts.alerts.length > 0 || Object.keys(parts.profiles).length > 0 || gateway;
  if (!speaksOfServers && (mayBeEmpty || hasParts)) return { entries: [], ...parts };
  const { servers, problems } = readServers(located.value, syntax);
  const checked = servers.map((server) => ({ server, ...checkServer(server) }));
  const all = [...problems, ...checked.flatMap((one) => one.problems), ...duplicates(servers)];
  if (all.length > 0) throw invalid(file, located, all);
  const absolute = path.resolve(file);
  const entries = checked.flatMap(({ server: { name, path: place, dialect, warnings }, entry }) =>
    entry === undefined
      ? []
      : [
          {
            name,
            entry,
            origin: { file: absolute, line: located.lineOf(place) },
            dialect,
            warnings,
          },
        ],
  );
  return { entries, ...parts };
}

/** Only of our own form: what another program calls `alerts`, `profiles` or `gateway` is not ours to judge. */
function ownParts(document: unknown, speaksOfServers: boolean) {
  const isOurs = isObject(document) && (!speaksOfServers || 'mcpServers' in document);
  const ours = isOurs ? document : {};
  return {
    alerts: readPart(ours, 'alerts', alertsField),
    profiles: readPart(ours, 'profiles', profilesField),
    gateway: readPart(ours, 'gateway', gatewayField),
  };
}

function readPart<Value>(
  document: Record<string, unknown>,
  member: string,
  schema: z.ZodType<Value>,
): { value?: Value; problems: Problem[] } {
  if (document[member] === undefined) return { problems: [] };
  const checked = checkDocument(schema, document[member]);
  if ('value' in checked) return { value: checked.value, problems: [] };
  const below = (problem: Problem) => ({ ...problem, path: [member, ...problem.path] });
  return { problems: checked.problems.map(below) };
}

function parse(file: string, syntax: 'json' | 'toml', text: string): LocatedJson {
  const located = syntax === 'toml' ? parseLocatedToml(text) : parseLocatedJson(text);
  if (!('problem' in located)) return located;
  const { line, column, message } = located.problem;
  throw new MainspringError('INVALID_JSON', `${file}:${line}:${column}: ${message}`, {
    fix: `Correct the ${syntax.toUpperCase()} at the named place and try again.`,
  });
}

function checkServer(server: FoundServer): { entry?: ServerEntry; problems: Problem[] } {
  const message = nameProblem(server.name);
  const problems = message === undefined ? [] : [{ path: server.path, message }];
  const checked = checkDocument(entrySchema, server.entry);
  if ('value' in checked) return { entry: checked.value, problems };
  const ofEntry = checked.problems.map((problem) => ({
    ...problem,
    path: [...server.path, ...writtenPath(server, problem.path)],
  }));
  return { problems: [...problems, ...ofEntry] };
}

/** Where a member of the entry stands in the document. */
function writtenPath({ written = {} }: FoundServer, [first, ...rest]: Path): Path {
  if (first === undefined) return [];
  const place = Object.hasOwn(written, first) ? written[first] : undefined;
  return place === undefined ? [first, ...rest] : [...place, ...rest];
}

function duplicates(servers: readonly FoundServer[]): Problem[] {
  return servers.flatMap(({ name, path: place }, index) =>
    servers.findIndex((other) => other.name === name) === index
      ? []
      : [{ path: place, message: `there are two servers "${name}" in this file` }],
  );
}

/** Where relative paths of a config file start. Takes an absolute path. */
export function baseDirOf(file: string): string {
  const folder = path.dirname(file);
  return EDITOR_FOLDERS.has(path.basename(folder)) ? path.dirname(folder) : folder;
}

function invalid(file: string, located: LocatedJson, problems: Problem[]): MainspringError {
  const lines = problems.map(({ path: place, message }) => {
    const field = place.length > 0 ? `${formatPath(place)}: ` : '';
    return `${file}:${located.lineOf(place)}: ${field}${message}`;
  });
  return new MainspringError('INVALID_CONFIG', lines.join('\n'));
}
