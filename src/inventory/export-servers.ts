import path from 'node:path';
import { stringify } from 'smol-toml';
import { stringify as stringifyYaml } from 'yaml';
import { z } from 'zod';
import { type ExportTarget } from '../domain/programs/config-programs';
import { MainspringError } from '../base/errors';
import { baseDirOf } from './config/config-file';
import { writeCodex } from './dialects/codex';
import { type NamedEntry, type WriteResult } from './dialects/dialect';
import { EDITORS } from './dialects/export-formats';
import { relocateEntry } from './dialects/entries/relocate-entry';
import { writeEditor } from './dialects/write-editor';
import { writeRegistry } from './dialects/registry/write-registry';
import { type InventoryServer } from './inventory';
import { type Json } from '../base/json';

const json: z.ZodType<Json> = z.json();

/** Programs whose config is YAML. */
const YAML_TARGETS: ReadonlySet<ExportTarget> = new Set(['goose', 'continue', 'librechat']);

export interface Exported {
  /** Text of the document; for a bundle, the file to copy. */
  content: { text: string } | { copyOf: string };
  warnings: string[];
}

/** Mainspring as the only server of another program. */
const GATEWAY: NamedEntry = {
  name: 'mainspring',
  entry: { command: 'mainspring', args: ['stdio'] },
};

export interface ExportOptions {
  /** Target file; relative paths that would have another meaning there are made absolute. */
  file?: string | undefined;
}

/**
 * Converts servers to another program's format.
 *
 * @throws MainspringError WRONG_USAGE when the target takes exactly one server, INVALID_CONFIG when it does not support
 *   this one
 */
export function exportServers(
  target: ExportTarget,
  servers: readonly (readonly [string, Pick<InventoryServer, 'entry' | 'baseDir'>])[],
  { file }: ExportOptions = {},
): Exported {
  const folder = file === undefined ? undefined : baseDirOf(path.resolve(file));
  const relocated = servers.map(([name, { entry, baseDir }]) => ({
    name,
    entry: relocateEntry(entry, baseDir, folder),
  }));
  if (target === 'mcpb') return exportBundle(only(target, relocated));
  return textOf(target, write(target, relocated));
}

/** Writes Mainspring's gateway in another program's format. */
export function exportGateway(target: ExportTarget): Exported {
  if (target === 'registry' || target === 'mcpb') {
    throw new MainspringError('WRONG_USAGE', `The gateway cannot be exported for "${target}".`, {
      fix: 'Export it for an MCP client, such as --for claude.',
    });
  }
  return textOf(target, write(target, [GATEWAY]));
}

function write(target: Exclude<ExportTarget, 'mcpb'>, servers: NamedEntry[]): WriteResult {
  if (target === 'codex') return writeCodex(servers);
  if (target === 'registry') return writeRegistry(only(target, servers));
  if (target === 'mainspring') {
    return { document: { mcpServers: ownTable(servers) }, warnings: [] };
  }
  return writeEditor(EDITORS[target], servers);
}

function ownTable(servers: NamedEntry[]) {
  return json.parse(Object.fromEntries(servers.map(({ name, entry }) => [name, entry])));
}

function textOf(target: ExportTarget, { document, warnings }: WriteResult): Exported {
  return { content: { text: writtenAs(target, document) }, warnings };
}

function writtenAs(target: ExportTarget, document: WriteResult['document']): string {
  if (target === 'codex') return stringify(document);
  if (YAML_TARGETS.has(target)) return stringifyYaml(document);
  return `${JSON.stringify(document, null, 2)}\n`;
}

function exportBundle({ name, entry: { mcpb } }: NamedEntry): Exported {
  if (mcpb === undefined) {
    throw new MainspringError('INVALID_CONFIG', `The server "${name}" is not a bundle.`, {
      fix: `Export it in another format, such as --for mainspring.`,
    });
  }
  if (!path.isAbsolute(mcpb)) {
    throw new MainspringError('INVALID_CONFIG', `The bundle of "${name}" is not on this machine.`, {
      fix: `Get it from ${mcpb}.`,
    });
  }
  return { content: { copyOf: mcpb }, warnings: [] };
}

function only(target: ExportTarget, servers: NamedEntry[]): NamedEntry {
  const [server] = servers;
  if (server && servers.length === 1) return server;
  throw new MainspringError(
    'WRONG_USAGE',
    `--for ${target} takes exactly one server, got ${servers.length}.`,
    { fix: `Specify it: mainspring export --for ${target} <name>.` },
  );
}
