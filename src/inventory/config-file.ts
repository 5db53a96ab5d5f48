import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { MainspringError } from '../domain/errors';
import { hasCode } from '../durable-file';
import { entrySchema, type ServerEntry } from './config-schema';
import { type LocatedJson, parseLocatedJson } from './located-json';
import { checkDocument, formatPath, type Problem } from './problems';
import { nameProblem } from './server-name';

/** The servers of one config file. */
export interface ConfigFile {
  /** Absolute; the origin of its servers. */
  file: string;
  /** Where relative paths of its entries start. */
  baseDir: string;
  entries: ConfigEntry[];
}

export interface ConfigEntry {
  name: string;
  entry: ServerEntry;
  origin: { file: string; line: number };
}

/** Programs keep other settings beside their servers; those are not ours to judge. */
const configSchema = z.looseObject({
  mcpServers: z.record(z.string(), entrySchema, {
    error: 'expected an object with an entry per server',
  }),
});

/** Reads `{"mcpServers": {name: entry}}`. Every error names file, line and field, all of them at once. */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  const located = parseJson(file, await readText(file));
  const checked = checkDocument(configSchema, located.value);
  const problems = 'problems' in checked ? checked.problems : namesOf(checked.value.mcpServers);
  if (problems.length > 0 || 'problems' in checked) throw invalid(file, located, problems);

  const absolute = path.resolve(file);
  const entries = Object.entries(checked.value.mcpServers).map(([name, entry]) => ({
    name,
    entry,
    origin: { file: absolute, line: located.lineOf(['mcpServers', name]) },
  }));
  return { file: absolute, baseDir: path.dirname(absolute), entries };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = hasCode(error, 'ENOENT') ? 'does not exist' : 'cannot be read';
    throw new MainspringError('FILE_NOT_FOUND', `The config file ${file} ${reason}.`, {
      cause: error,
    });
  }
}

function parseJson(file: string, text: string): LocatedJson {
  const located = parseLocatedJson(text);
  if (!('problem' in located)) return located;
  const { line, column, message } = located.problem;
  throw new MainspringError('INVALID_JSON', `${file}:${line}:${column}: ${message}`);
}

function namesOf(servers: Record<string, unknown>): Problem[] {
  return Object.keys(servers).flatMap((name) => {
    const message = nameProblem(name);
    return message === undefined ? [] : [{ path: ['mcpServers', name], message }];
  });
}

function invalid(file: string, located: LocatedJson, problems: Problem[]): MainspringError {
  const lines = problems.map(({ path: place, message }) => {
    const field = place.length > 0 ? `${formatPath(place)}: ` : '';
    return `${file}:${located.lineOf(place)}: ${field}${message}`;
  });
  return new MainspringError('INVALID_CONFIG', lines.join('\n'));
}
