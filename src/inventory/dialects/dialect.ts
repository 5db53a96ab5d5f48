import { type Json, type JsonObject } from '../../domain/calls';
import { type ServerEntry } from '../config-schema';
import { type Path, type Problem } from '../problems';

/** The ways in which programs write down MCP servers. */
export type DialectName = 'mcpServers' | 'vscode' | 'typed' | 'registry' | 'codex' | 'mcpb';

/** A server as a document has it, in the words of our own schema but not yet checked. */
export interface FoundServer {
  name: string;
  /** Where in the document it is. */
  path: Path;
  dialect: DialectName;
  entry: unknown;
  /** Where members come from that have another name in the document. */
  written?: Readonly<Record<string, Path>>;
  warnings: string[];
}

export interface Reading {
  servers: FoundServer[];
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

/** How to tell a dialect, and to translate from it. A document may be written in several. */
export interface Dialect {
  name: DialectName;
  detect(document: Members, syntax: Syntax): boolean;
  read(document: Members): Reading;
}

export type Syntax = 'json' | 'toml';
export type Members = Readonly<Record<string, unknown>>;

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
