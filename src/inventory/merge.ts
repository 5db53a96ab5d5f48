import { canonicalJson } from '../domain/canonical-json';
import { MainspringError } from '../domain/errors';
import { type ConfigFile } from './config-file';
import { type ServerEntry } from './config-schema';
import { type Inventory, type InventoryServer, type Origin, tableOf } from './inventory';
import { checkServerName } from './server-name';

export type ConfigChange =
  | { name: string; change: 'added' | 'changed' | 'unchanged' | 'vanished' }
  | { name: string; change: 'conflict'; error: MainspringError };

/**
 * Merges a config file and says what that means for each server. A server that has vanished from the file stays in the
 * inventory until it was stopped and the caller removes it; of two with one name, the first stays.
 */
export function mergeConfig(
  inventory: Inventory,
  config: ConfigFile,
  nowMs: number,
): { inventory: Inventory; changes: ConfigChange[] } {
  const servers = new Map(Object.entries(inventory.servers));
  const changes: ConfigChange[] = [];
  for (const { name, entry } of config.entries) {
    const before = servers.get(name);
    const after = {
      entry,
      origin: { file: config.file },
      baseDir: config.baseDir,
      addedAtMs: before?.addedAtMs ?? nowMs,
      meta: before?.meta ?? {},
      ...(before?.allowScripts && { allowScripts: before.allowScripts }),
      ...(before?.installed && { installed: before.installed }),
    };
    if (!before) changes.push({ name, change: 'added' });
    else if (!isFrom(before, config.file)) {
      changes.push({
        name,
        change: 'conflict',
        error: nameTaken(name, before.origin, after.origin),
      });
      continue;
    } else if (canonicalJson(before) === canonicalJson(after)) {
      changes.push({ name, change: 'unchanged' });
      continue;
    } else changes.push({ name, change: 'changed' });
    servers.set(name, after);
  }
  const names = new Set(config.entries.map(({ name }) => name));
  for (const [name, server] of servers) {
    if (isFrom(server, config.file) && !names.has(name)) changes.push({ name, change: 'vanished' });
  }
  const isSame = changes.every(({ change }) => change !== 'added' && change !== 'changed');
  return { inventory: isSame ? inventory : withServers(inventory, servers), changes };
}

/** Adds one server from the command line or the client; INVALID_NAME or NAME_TAKEN. */
export function addServer(
  inventory: Inventory,
  name: string,
  added: { entry: ServerEntry; baseDir: string; nowMs: number },
): Inventory {
  checkServerName(name);
  const servers = new Map(Object.entries(inventory.servers));
  const before = servers.get(name);
  if (before) throw nameTaken(name, before.origin, 'cli');
  const { entry, baseDir, nowMs } = added;
  servers.set(name, { entry, origin: 'cli', baseDir, addedAtMs: nowMs, meta: {} });
  return withServers(inventory, servers);
}

/** The inventory without these servers; names that are not in it are ignored. */
export function removeServers(inventory: Inventory, names: readonly string[]): Inventory {
  const removed = new Set(names);
  return withServers(
    inventory,
    Object.entries(inventory.servers).filter(([name]) => !removed.has(name)),
  );
}

function withServers(
  inventory: Inventory,
  servers: Iterable<[string, InventoryServer]>,
): Inventory {
  return { ...inventory, servers: tableOf(servers) };
}

function isFrom({ origin }: InventoryServer, file: string): boolean {
  return origin !== 'cli' && origin.file === file;
}

function nameTaken(name: string, taken: Origin, wanted: Origin): MainspringError {
  return new MainspringError(
    'NAME_TAKEN',
    `There is a server "${name}" from ${wordsFor(taken)} already; the one from ${wordsFor(wanted)} was not added.`,
  );
}

function wordsFor(origin: Origin): string {
  return origin === 'cli' ? 'the command line' : origin.file;
}
