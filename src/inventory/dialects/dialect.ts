import { type ServerEntry } from '../config/config-schema';
import { type ConfigSyntax } from '../config/config-syntax';
import { type Path, type Problem } from '../config/problems';
import { type Json, type JsonObject } from '../../base/json';

/** The ways in which programs write down MCP servers. */
export type DialectName =
  | ('mcpServers' | 'vscode' | 'typed' | 'registry' | 'codex' | 'mcpb' | 'bare' | 'list')
  | ('opencode' | 'zed' | 'amp' | 'goose' | 'continue' | 'litellm' | 'gemini');

/** A server as a document has it, in the words of our own schema but not yet checked. */
export interface FoundServer {
  /** What it is called here. */
  name: string;
  /** What it is called there. */
  written: string;
  /** Where in the document it is. */
  path: Path;
  dialect: DialectName;
  entry: unknown;
  /** Where members come from that have another name in the document. */
  origins?: Readonly<Record<string, Path>>;
  /** What its owner should know; paths start at the entry. */
  warnings: Problem[];
}

export interface Reading {
  servers: FoundServer[];
  /** What was found beside them and is not taken over; paths start at the document. */
  problems: Problem[];
}

export interface NamedEntry {
  name: string;
  entry: ServerEntry;
}

export interface Writing {
  document: JsonObject;
  /** What the dialect cannot hold, and what is different there. */
  warnings: string[];
}

export type Syntax = ConfigSyntax;
export type Members = Readonly<Record<string, unknown>>;

/** One entry as it stands in a document. */
export interface WrittenEntry {
  written: string;
  value: unknown;
  path: Path;
  dialect: DialectName;
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a dialect had beside what we use; written back when the server is exported to it. */
export function extraOf({ extra }: ServerEntry, dialect: DialectName): JsonObject {
  const members: Json | undefined = extra?.[dialect];
  return typeof members === 'object' && members !== null && !Array.isArray(members) ? members : {};
}

/** The name that the server has with others, where ours could not be the same and no other in the table has it. */
export function writtenName({ name, entry }: NamedEntry, table: Members = {}): string {
  const written = entry.extra?.['name'];
  return typeof written === 'string' && !Object.hasOwn(table, written) ? written : name;
}
