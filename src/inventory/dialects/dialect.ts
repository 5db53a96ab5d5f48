import { type ServerEntry } from '../config/config-schema';
import { type ConfigSyntax } from '../config/config-syntax';
import { type Path, type Problem } from '../config/problems';
import { type Json, type JsonObject } from '../../base/json';

/** The config formats of MCP programs. */
export type DialectName =
  | ('mcpServers' | 'vscode' | 'typed' | 'registry' | 'codex' | 'mcpb' | 'bare' | 'list')
  | ('opencode' | 'zed' | 'amp' | 'goose' | 'continue' | 'litellm' | 'gemini');

/** A server in a document, with the member names of our schema but not yet checked. */
export interface FoundServer {
  /** Name in Mainspring. */
  name: string;
  /** Name in the document. */
  written: string;
  /** Path in the document. */
  path: Path;
  dialect: DialectName;
  entry: unknown;
  /** Paths of members whose name in the document is different. */
  origins?: Readonly<Record<string, Path>>;
  /** Warnings for the owner; paths start at the entry. */
  warnings: Problem[];
}

export interface ReadResult {
  servers: FoundServer[];
  /** Problems with parts that are not imported; paths start at the document. */
  problems: Problem[];
}

export interface NamedEntry {
  name: string;
  entry: ServerEntry;
}

export interface WriteResult {
  document: JsonObject;
  /** Members that the dialect does not support, and differences in meaning. */
  warnings: string[];
}

export type Syntax = ConfigSyntax;
export type Members = Readonly<Record<string, unknown>>;

/** An entry as written in a document. */
export interface WrittenEntry {
  written: string;
  value: unknown;
  path: Path;
  dialect: DialectName;
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Members of a dialect that we do not use; written back when the server is exported to it. */
export function extraOf({ extra }: ServerEntry, dialect: DialectName): JsonObject {
  const members: Json | undefined = extra?.[dialect];
  return typeof members === 'object' && members !== null && !Array.isArray(members) ? members : {};
}

/** Returns the original name of the server when ours differs from it, unless another server in the table has it. */
export function writtenName({ name, entry }: NamedEntry, table: Members = {}): string {
  const written = entry.extra?.['name'];
  return typeof written === 'string' && !Object.hasOwn(table, written) ? written : name;
}
