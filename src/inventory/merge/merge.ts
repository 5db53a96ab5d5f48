import { canonicalJson } from '../../base/canonical-json';
import { fixFor, MainspringError } from '../../base/errors';
import { type ConfigEntry, type ConfigFile } from '../config/config-file';
import { type ServerEntry } from '../config/config-schema';
import { withReferences } from './extracted-secrets';
import { type Inventory, type InventoryServer, tableOf } from '../inventory';
import { checkServerName } from '../fields/server-name';

/** What a config file means for one server; `left out` stands in the file and was removed by hand. */
export type ServerChange = { kind: 'server'; name: string } & (
  | { change: 'added' | 'changed' | 'unchanged' | 'vanished' }
  | { change: 'left out'; file: string }
  | { change: 'conflict'; error: MainspringError }
);

export interface MergeOptions {
  /** What to do about a name that another origin has taken; default is to leave it to the first. */
  onConflict?: 'skip' | 'rename' | 'overwrite';
  /** Takes servers again that were removed by hand; default they are left out. */
  withRemoved?: boolean;
}

/**
 * Merges a config file and says what that means for each server. A server that has vanished from the file stays in the
 * inventory until it was stopped and the caller removes it; of two with one name, the first stays.
 */
export function mergeConfig(
  inventory: Inventory,
  config: ConfigFile,
  nowMs: number,
  { onConflict = 'skip', withRemoved = false }: MergeOptions = {},
): { inventory: Inventory; changes: ServerChange[] } {
  const servers = new Map(Object.entries(inventory.servers));
  const changes: ServerChange[] = [];
  const met = new Set<string>();
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
    met.add(name);
    if (change.change === 'added' || change.change === 'changed') servers.set(name, after);
  }
  // What is only wrong at the moment keeps its last good state.
  const leftOut = config.leftOut.flatMap(({ server }) => server ?? []);
  for (const [name, server] of servers) {
    if (met.has(name) || server.origin === 'cli' || server.origin.file !== config.file) continue;
    if (leftOut.some((found) => isFrom(config.file, found, name, server))) continue;
    changes.push({ kind: 'server', name, change: 'vanished' });
  }
  const isSame = changes.every(({ change }) => change !== 'added' && change !== 'changed');
  const merged = isSame ? inventory : withServers(inventory, servers);
  return { inventory: withRemovedOf(merged, config.file, removed), changes };
}

/**
 * Names in the file of servers that were removed by hand. One that has left the file meanwhile is forgotten, and not one that is
 * only wrong there at the moment.
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

/** How a file names a server: in its own words, and in ours. */
type FoundName = Pick<ConfigEntry, 'name' | 'written'>;

/** What the server of a config is called in the inventory, also when it was once imported under another name. */
function nameFor(
  servers: ReadonlyMap<string, InventoryServer>,
  { file, entries }: ConfigFile,
  found: FoundName,
  onConflict: MergeOptions['onConflict'],
): string {
  const own = [...servers].filter(([name, server]) => isFrom(file, found, name, server));
  const nameThere = ([name, { origin }]: [string, InventoryServer]) =>
    origin === 'cli' ? name : (origin.name ?? name);
  const exact = own.find((one) => nameThere(one) === found.name);
  // Of several that the file calls the same, each keeps its own.
  const other = own.find((one) => !entries.some(({ name }) => name === nameThere(one)));
  const known = exact ?? other;
  if (known) return known[0];
  const written = found.name;
  if (onConflict !== 'rename' || !servers.has(written)) return written;
  let number = 2;
  while (servers.has(`${written}-${number}`)) number += 1;
  return `${written}-${number}`;
}

/**
 * Whether a server came from this place of a file. What the file calls it goes first: what we call it may change when another that
 * would be called so comes into the file.
 */
function isFrom(
  file: string,
  found: FoundName,
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
  // What was moved out of the entry of another origin says nothing about this one.
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

/** The server switched on or off by hand. What its config file says meanwhile is remembered. */
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

/** Adds one server from the command line or the client; INVALID_NAME or NAME_TAKEN. */
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

/** The inventory without these servers; names that are not in it are ignored. */
export function removeServers(inventory: Inventory, names: readonly string[]): Inventory {
  const removed = new Set(names);
  return withServers(
    inventory,
    Object.entries(inventory.servers).filter(([name]) => !removed.has(name)),
  );
}

/**
 * The inventory without a server that somebody has removed. The file that it came from still has it: that it was removed is
 * remembered, so that reading the file again does not bring it back.
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

function nameTaken(name: string, taken: Source, wanted: Source): MainspringError {
  const [first, second] = [sourceText(taken), sourceText(wanted)];
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
