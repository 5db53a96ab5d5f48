import { canonicalJson } from '../../base/canonical-json';
import { fixFor, MainspringError } from '../../base/errors';
import { type ConfigEntry, type ConfigFile } from '../config/config-file';
import { type ServerEntry } from '../config/config-schema';
import { withReferences } from './extracted-secrets';
import { type Inventory, type InventoryServer, tableOf } from '../inventory';
import { checkServerName } from '../fields/server-name';

/** Effect of a config file on one server; `left out`: in the file, but removed by hand. */
export type ServerChange = { kind: 'server'; name: string } & (
  | { change: 'added' | 'changed' | 'unchanged' | 'vanished' }
  | { change: 'left out'; file: string }
  | { change: 'conflict'; error: MainspringError }
);

export interface MergeOptions {
  /** Handling of a name that another origin has taken; default: the first keeps it. */
  onConflict?: 'skip' | 'rename' | 'overwrite';
  /** Imports servers again that were removed by hand; default: they are skipped. */
  withRemoved?: boolean;
}

/**
 * Merges the servers of a config file; returns the change to each of them. A server that vanished from the file stays
 * in the inventory until the caller has stopped and removed it. The first of two servers with the same name wins.
 */
export function mergeServers(
  inventory: Inventory,
  config: ConfigFile,
  nowMs: number,
  { onConflict = 'skip', withRemoved = false }: MergeOptions = {},
): { inventory: Inventory; changes: ServerChange[] } {
  const servers = new Map(Object.entries(inventory.servers));
  const changes: ServerChange[] = [];
  const seen = new Set<string>();
  const removed = withRemoved ? [] : stillRemoved(inventory, config);
  for (const found of config.entries) {
    if (removed.includes(found.name)) {
      const { file } = config;
      changes.push({ kind: 'server', name: found.name, change: 'left out', file });
      continue;
    }
    const name = nameFor(servers, config, found, onConflict);
    const before = servers.get(name);
    const after = recordOf(config, { name, found }, before, nowMs);
    const change = changeOf(name, before, after, onConflict);
    changes.push(change);
    seen.add(name);
    if (change.change === 'added' || change.change === 'changed') servers.set(name, after);
  }
  // A server that is only invalid at the moment keeps its last valid state.
  const leftOut = config.leftOut.flatMap(({ server }) => server ?? []);
  for (const [name, server] of servers) {
    if (seen.has(name) || server.origin === 'cli' || server.origin.file !== config.file) continue;
    if (leftOut.some((found) => isFrom(config.file, found, name, server))) continue;
    changes.push({ kind: 'server', name, change: 'vanished' });
  }
  const isSame = changes.every(({ change }) => change !== 'added' && change !== 'changed');
  const merged = isSame ? inventory : withServers(inventory, servers);
  return { inventory: withRemovedOf(merged, config.file, removed), changes };
}

/**
 * Names in the file of servers that were removed by hand. Those that are no longer in the file are dropped from the
 * list, but not those that are only invalid at the moment.
 */
function stillRemoved(
  { removed = [] }: Inventory,
  { file, entries, leftOut }: ConfigFile,
): string[] {
  const wrong = leftOut.flatMap(({ server }) => server ?? []);
  const names = new Set([...entries, ...wrong].map(({ name }) => name));
  return removed.filter((one) => one.file === file && names.has(one.name)).map(({ name }) => name);
}

function withRemovedOf(inventory: Inventory, file: string, names: readonly string[]): Inventory {
  const { removed: before = [], ...rest } = inventory;
  const others = before.filter((one) => one.file !== file);
  const removed = [...others, ...names.map((name) => ({ file, name }))];
  if (removed.length === before.length) return inventory;
  return removed.length > 0 ? { ...rest, removed } : rest;
}

/** Name of a server in the file, as written and as converted. */
type EntryName = Pick<ConfigEntry, 'name' | 'written'>;

/** Name in the inventory of a server in a config, even if it was once imported under another name. */
function nameFor(
  servers: ReadonlyMap<string, InventoryServer>,
  { file, entries }: ConfigFile,
  found: EntryName,
  onConflict: MergeOptions['onConflict'],
): string {
  const own = [...servers].filter(([name, server]) => isFrom(file, found, name, server));
  const nameInFile = ([name, { origin }]: [string, InventoryServer]) =>
    origin === 'cli' ? name : (origin.name ?? name);
  const exact = own.find((one) => nameInFile(one) === found.name);
  // Of several servers with the same written name, each keeps its own.
  const other = own.find((one) => !entries.some(({ name }) => name === nameInFile(one)));
  const match = exact ?? other;
  if (match) return match[0];
  const written = found.name;
  if (onConflict !== 'rename' || !servers.has(written)) return written;
  let number = 2;
  while (servers.has(`${written}-${number}`)) number += 1;
  return `${written}-${number}`;
}

/**
 * Whether a server came from this entry of a file. The written name is compared first: ours may change when a server
 * with a colliding name is added to the file.
 */
function isFrom(
  file: string,
  found: EntryName,
  name: string,
  { origin, entry }: InventoryServer,
): boolean {
  if (origin === 'cli' || origin.file !== file) return false;
  const written = entry.extra?.['name'];
  if (typeof written === 'string' && written !== found.written) return false;
  return typeof written === 'string' || (origin.name ?? name) === found.name;
}

function recordOf(
  { file, baseDir }: ConfigFile,
  { name, found }: { name: string; found: ConfigEntry },
  before: InventoryServer | undefined,
  nowMs: number,
): InventoryServer {
  const { entry, name: ownName } = found;
  // Secrets moved out of the entry of another origin do not apply to this one.
  const isOwn = before !== undefined && isFrom(file, found, name, before);
  const { extracted, switchedFrom, ...kept } = before ?? {};
  const isSwitched = isOwn && switchedFrom === isEnabled(entry);
  const written = isSwitched ? switched(entry, isEnabled(before.entry)) : entry;
  return {
    ...kept,
    ...(isOwn && extracted && { extracted }),
    ...(isSwitched && { switchedFrom }),
    entry: withReferences(written, isOwn ? extracted : undefined),
    origin: { file, ...(ownName !== name && { name: ownName }) },
    baseDir,
    addedAtMs: before?.addedAtMs ?? nowMs,
    meta: before?.meta ?? {},
  };
}

function changeOf(
  name: string,
  before: InventoryServer | undefined,
  after: InventoryServer,
  onConflict: MergeOptions['onConflict'],
): ServerChange {
  if (!before) return { kind: 'server', name, change: 'added' };
  const isTaken = before.origin === 'cli' || sourceText(before) !== sourceText(after);
  if (isTaken && onConflict !== 'overwrite') {
    const error = nameTaken(name, before, after);
    return { kind: 'server', name, change: 'conflict', error };
  }
  const isSame = canonicalJson(before) === canonicalJson(after);
  return { kind: 'server', name, change: isSame ? 'unchanged' : 'changed' };
}

/** Switches the server on or off by hand, and remembers the value in its config file. */
export function switchByHand(server: InventoryServer, enabled: boolean): InventoryServer {
  const { entry, origin, switchedFrom = isEnabled(entry), ...rest } = server;
  return {
    ...rest,
    origin,
    ...(origin !== 'cli' && { switchedFrom }),
    entry: switched(entry, enabled),
  };
}

function isEnabled({ enabled, disabled }: ServerEntry): boolean {
  return enabled ?? !disabled;
}

function switched({ disabled: _disabled, ...entry }: ServerEntry, enabled: boolean): ServerEntry {
  return { ...entry, enabled };
}

/** Adds one server from the command line or the client; throws INVALID_NAME or NAME_TAKEN. */
export function addServer(
  inventory: Inventory,
  name: string,
  added: { entry: ServerEntry; baseDir: string; from?: string | undefined; nowMs: number },
): Inventory {
  checkServerName(name);
  const servers = new Map(Object.entries(inventory.servers));
  const before = servers.get(name);
  if (before) throw nameTaken(name, before, { origin: 'cli', broughtFrom: added.from });
  const { entry, baseDir, from, nowMs } = added;
  const brought = from !== undefined && { broughtFrom: from };
  servers.set(name, { entry, origin: 'cli', ...brought, baseDir, addedAtMs: nowMs, meta: {} });
  return withServers(inventory, servers);
}

/** Removes these servers; unknown names are ignored. */
export function removeServers(inventory: Inventory, names: readonly string[]): Inventory {
  const removed = new Set(names);
  return withServers(
    inventory,
    Object.entries(inventory.servers).filter(([name]) => !removed.has(name)),
  );
}

/**
 * Removes a server on request of the user. Its config file still contains it, so the removal is recorded and reading
 * the file again does not restore it.
 */
export function removeByHand(inventory: Inventory, name: string): Inventory {
  const server = inventory.servers[name];
  const without = removeServers(inventory, [name]);
  if (!server || server.origin === 'cli') return without;
  const { file, name: written = name } = server.origin;
  const others = (inventory.removed ?? []).filter(
    (one) => one.file !== file || one.name !== written,
  );
  return { ...without, removed: [...others, { file, name: written }] };
}

function withServers(
  inventory: Inventory,
  servers: Iterable<[string, InventoryServer]>,
): Inventory {
  return { ...inventory, servers: tableOf(servers) };
}

type Source = Pick<InventoryServer, 'origin' | 'broughtFrom'>;

function nameTaken(name: string, taken: Source, refused: Source): MainspringError {
  const [first, second] = [sourceText(taken), sourceText(refused)];
  const other = first === second ? '' : `; the one from ${second} was not added`;
  return new MainspringError(
    'NAME_TAKEN',
    `The server "${name}" already exists (from ${first})${other}.`,
    { fix: fixFor('NAME_TAKEN', name) },
  );
}

function sourceText({ origin, broughtFrom }: Source): string {
  return origin === 'cli' ? (broughtFrom ?? 'the command line') : origin.file;
}
