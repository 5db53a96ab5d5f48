import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { type WrittenReceiver } from '../fields/alerts-field';
import { valuesOf, readManifest } from './bundle-settings';
import { entrySchema, type ServerEntry } from './config-schema';
import { partsOf, type WrongPart } from './config-parts';
import { type ConfigSyntax } from './config-syntax';
import { type ConfigContent, readConfigText } from './config-text';
import { type DialectName, type FoundServer, isObject } from '../dialects/dialect';
import { uniqueName } from '../dialects/unique-names';
import { readServers } from '../dialects/read-servers';
import { READ_FORMS } from '../dialects/config-formats';
import { type WrittenGateway } from '../fields/gateway-field';
import { type LocatedJson, parseLocatedJson } from './located-json';
import { lineAt, locatedProblem } from './located-problem';
import { parseLocatedToml } from './located-toml';
import { parseLocatedYaml } from './located-yaml';
import { checkDocument, formatPath, type Problem } from './problems';
import { type WrittenProfile } from '../fields/profile-field';
import { repairEntry } from './repair-entry';
import { nameProblem } from '../fields/server-name';
import { kindOf } from './shown-value';
import { isTooDeep } from './too-deep';
import { unreadMembers } from './unread-members';
import { MAX_JSON_DEPTH } from '../../base/foreign-json';

/** Contents of one config file. */
export interface ConfigFile {
  /** Absolute path; the origin of its servers. */
  file: string;
  /** Base folder of relative paths in its entries. */
  baseDir: string;
  entries: ConfigEntry[];
  alerts: WrittenReceiver[];
  profiles: Record<string, WrittenProfile>;
  gateway?: WrittenGateway;
  /** Parts of the file that were not imported. */
  leftOut: LeftOutPart[];
}

export interface ConfigEntry {
  name: string;
  /** Name in the file. */
  written: string;
  entry: ServerEntry;
  origin: { file: string; line: number };
  dialect: DialectName;
  /** Warnings for the owner, such as a member that has no effect here. */
  warnings: ConfigWarning[];
}

interface ConfigWarning {
  line: number;
  text: string;
}

/** An invalid or unknown part of a file. */
interface LeftOutPart extends ConfigWarning {
  /** Set when the part is a server: one that was imported before is not changed. */
  server?: { name: string; written: string };
  /** Set when the part is a profile or an alert receiver: its previous version is not changed. */
  part?: WrongPart['part'];
}

/** Folders in which editors keep their config in a workspace; paths in it are relative to the workspace. */
const EDITOR_FOLDERS = new Set([
  ...['.vscode', '.cursor', '.roo', '.kiro', '.amazonq', '.gemini', '.zed', '.warp', '.junie'],
  ...['.amp', '.opencode', '.github'],
]);
/** Maximum depth of the file below such a folder. */
const EDITOR_FOLDER_DEPTH = 2;

export interface ReadOptions {
  /** Accepts a file without servers instead of failing. */
  mayBeEmpty?: boolean;
}

/**
 * Reads the servers of a file in any dialect. An invalid server is skipped and reported with its line.
 *
 * @throws MainspringError FILE_NOT_FOUND, INVALID_JSON, INVALID_CONFIG: when nothing in the file can be read
 */
export async function readConfigFile(
  file: string,
  { mayBeEmpty = false }: ReadOptions = {},
): Promise<ConfigFile> {
  const absolute = path.resolve(file);
  const content = await readConfigText(file);
  const found =
    content.kind === 'bundle'
      ? { entries: [await readBundle(absolute)], alerts: [], profiles: {}, leftOut: [] }
      : readDocument(file, content, mayBeEmpty);
  return { file: absolute, baseDir: baseDirOf(absolute), ...found };
}

async function readBundle(file: string): Promise<ConfigEntry> {
  const manifest = await readManifest(file);
  const userConfig = valuesOf(manifest);
  const raw = { mcpb: file, ...(Object.keys(userConfig).length > 0 && { userConfig }) };
  const checked = checkDocument(entrySchema, raw);
  if ('problems' in checked) {
    const [problem] = checked.problems;
    throw new MainspringError('INVALID_CONFIG', `${file}: ${problem?.message ?? 'not a bundle'}`);
  }
  const common = { entry: checked.value, origin: { file, line: 1 }, warnings: [] };
  const { name } = manifest;
  return { name: uniqueName(name), written: name, dialect: 'mcpb', ...common };
}

function readDocument(
  file: string,
  { kind: syntax, text }: Exclude<ConfigContent, { kind: 'bundle' }>,
  mayBeEmpty: boolean,
): Omit<ConfigFile, 'file' | 'baseDir'> {
  const located = parse(file, syntax, text);
  const { servers, problems, hasTable } = readServers(located.value, syntax);
  const { parts, wrong } = partsOf(file, located, hasTable);
  const isOurs = Object.keys(parts.profiles).length > 0 || parts.alerts.length > 0 || parts.gateway;
  if (!hasTable && !isOurs && wrong.length === 0 && !mayBeEmpty)
    throw noServers(file, located, problems);
  const checked = servers.map((server) => checkServer(path.resolve(file), server, located));
  return {
    entries: checked.flatMap(({ entry }) => entry ?? []),
    ...parts,
    leftOut: [
      ...located.oddities.map(({ line, message }) => ({ line, text: message })),
      ...checked.flatMap(({ leftOut }) => leftOut),
      ...problems.map((problem) => locatedProblem(located, problem)),
      ...wrong,
      ...unreadMembers(located, problems),
    ],
  };
}

function parse(file: string, syntax: ConfigSyntax, text: string): LocatedJson {
  const located = PARSERS[syntax](text);
  if (!('problem' in located)) {
    if (!isTooDeep(located.value)) return located;
    const message = `${file} is nested too deeply: more than ${MAX_JSON_DEPTH} levels, or a value that contains itself`;
    throw new MainspringError('INVALID_CONFIG', message, {
      fix: 'Remove the deeply nested entry.',
    });
  }
  const { line, column, message } = located.problem;
  throw new MainspringError('INVALID_JSON', `${file}:${line}:${column}: ${message}`, {
    fix: `The file is not valid ${syntax.toUpperCase()} from there on. The program that it belongs to cannot read it either.`,
  });
}

const PARSERS = {
  json: (text: string) => parseLocatedJson(text, { isTolerant: true }),
  toml: parseLocatedToml,
  yaml: parseLocatedYaml,
};

function checkServer(
  file: string,
  server: FoundServer,
  located: LocatedJson,
): { entry?: ConfigEntry; leftOut: LeftOutPart[] } {
  const { name, written, path: serverPath, dialect } = server;
  const below = ({ path: at, message }: Problem) =>
    locatedProblem(located, { path: [...serverPath, ...at], message });
  const warnings = server.warnings.map(({ path: at, message }) => ({
    line: located.lineOf([...serverPath, ...at]),
    text: message,
  }));
  const repaired = repairEntry(server.entry);
  const nameFault = nameProblem(name);
  if ('problems' in repaired || nameFault !== undefined) {
    const problems = [
      ...(nameFault === undefined ? [] : [{ path: [], message: nameFault }]),
      ...('problems' in repaired
        ? repaired.problems.map((one) => atDocumentPath(server, one))
        : []),
    ];
    // A member that was ignored as unknown may be the missing one.
    const hints = warnings.filter(({ text }) => text.includes('did you mean'));
    const faults = [...problems.map(below), ...hints];
    return { leftOut: faults.map((fault) => ({ ...fault, server: { name, written } })) };
  }
  const dropped = repaired.dropped.map((one) => {
    const { path: at, message } = atDocumentPath(server, one);
    const field = formatPath(at);
    return { line: located.lineOf([...serverPath, ...at]), text: `${field}: ignored: ${message}` };
  });
  const origin = { file, line: located.lineOf(serverPath) };
  const { entry } = repaired;
  return {
    entry: { name, written, entry, origin, dialect, warnings: [...warnings, ...dropped] },
    leftOut: [],
  };
}

/** Converts the path of a member of the entry to its path in the document. */
function atDocumentPath(
  { origins = {} }: FoundServer,
  { path: [first, ...rest], message }: Problem,
): Problem {
  if (first === undefined) return { path: [], message };
  const origin = Object.hasOwn(origins, first) ? origins[first] : undefined;
  return { path: origin === undefined ? [first, ...rest] : [...origin, ...rest], message };
}

/** Returns the base folder of relative paths in a config file. Takes an absolute path. */
export function baseDirOf(file: string): string {
  const folder = path.dirname(file);
  let above = folder;
  for (let depth = 0; depth < EDITOR_FOLDER_DEPTH; depth += 1) {
    if (EDITOR_FOLDERS.has(path.basename(above))) return path.dirname(above);
    above = path.dirname(above);
  }
  return folder;
}

function noServers(
  file: string,
  located: LocatedJson,
  problems: readonly Problem[],
): MainspringError {
  const { value } = located;
  const members = isObject(value) ? Object.keys(value) : [];
  const found = members.length > 0 ? members.join(', ') : kindOf(value);
  const lines = [
    ...problems.map((problem) => `${file}:${lineAt(located, problem)}`),
    `${file}: no MCP servers in a supported format. Supported: ${READ_FORMS}. Found in this file: ${found}`,
  ];
  return new MainspringError('INVALID_CONFIG', lines.join('\n'), {
    fix: 'Use the file in which the program keeps its servers, or add them one by one: mainspring add.',
  });
}
