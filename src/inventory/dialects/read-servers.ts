import { canonicalJson } from '../../base/canonical-json';
import { type Problem } from '../config/problems';
import {
  isObject,
  type FoundServer,
  type Members,
  type ReadResult,
  type Syntax,
  type WrittenEntry,
} from './dialect';
import { withInputs } from './inputs';
import { uniqueNames } from './unique-names';
import { readEntry } from './entries/read-entry';
import { isRegistry, readRegistry } from './registry/registry';
import { withSettings } from './settings';
import { tablesOf } from './config-formats';

export interface ServersReadResult extends ReadResult {
  /** Whether the document has a table of servers, even an empty one. */
  hasTable: boolean;
}

/** Reads the servers of a document in whichever dialects it uses; other parts are ignored. */
export function readServers(document: unknown, syntax: Syntax): ServersReadResult {
  const registered = registryDocuments(document);
  if (registered.length > 0) {
    const readings = registered.map(({ value, path }) => readRegistry(value, path));
    return {
      servers: withUniqueNames(readings.flatMap(({ servers }) => servers)),
      problems: readings.flatMap(({ problems }) => problems),
      hasTable: true,
    };
  }
  const { entries, problems, hasTable } = tablesOf(document, syntax);
  const { kept, duplicates } = withoutDuplicates(entries);
  const names = uniqueNames(kept.map(({ written }) => written));
  const servers = kept.map((entry, index) => readEntry(entry, names[index] ?? entry.written));
  const completed = withInputs(servers, inputsOf(document));
  return {
    servers: isObject(document) ? withSettings(completed, document) : completed,
    problems: [...problems, ...duplicates],
    hasTable,
  };
}

/** Returns the inputs of VS Code, which are beside the servers. */
function inputsOf(document: unknown): unknown[] {
  if (!isObject(document)) return [];
  const { inputs, mcp } = document;
  const all: unknown[] = [inputs, isObject(mcp) ? mcp['inputs'] : undefined];
  return all.flatMap((one) => (Array.isArray(one) ? (one as unknown[]) : []));
}

/** Removes entries that are identical to an earlier one. */
function withoutDuplicates(entries: readonly WrittenEntry[]): {
  kept: WrittenEntry[];
  duplicates: Problem[];
} {
  const seen = new Set<string>();
  const kept: WrittenEntry[] = [];
  const duplicates: Problem[] = [];
  for (const entry of entries) {
    const key = `${entry.written}\n${canonicalJson(entry.value ?? null)}`;
    if (seen.has(key)) {
      const message = `duplicate of the other "${entry.written}" in this file; imported only once`;
      duplicates.push({ path: entry.path, message });
    } else kept.push(entry);
    seen.add(key);
  }
  return { kept, duplicates };
}

/** Finds a `server.json`, or responses of the registry, which wrap one or a list of them. */
function registryDocuments(document: unknown): { value: Members; path: (string | number)[] }[] {
  if (!isObject(document)) return [];
  const { server, servers } = document;
  if (isRegistry(document)) return [{ value: document, path: [] }];
  if (isRegistry(server)) return [{ value: server, path: ['server'] }];
  if (!Array.isArray(servers)) return [];
  const found = servers.flatMap((item: unknown, index) => {
    if (isRegistry(item)) return [{ value: item, path: ['servers', index] }];
    const inner = isObject(item) ? item['server'] : undefined;
    return isRegistry(inner) ? [{ value: inner, path: ['servers', index, 'server'] }] : [];
  });
  return found.length === servers.length ? found : [];
}

function withUniqueNames(servers: readonly FoundServer[]): FoundServer[] {
  const names = uniqueNames(servers.map(({ written }) => written));
  return servers.map((server, index) => ({ ...server, name: names[index] ?? server.name }));
}
