import { existsSync } from 'node:fs';
import path from 'node:path';
import { baseDirOf, type ConfigFile, readConfigFile } from '../inventory/config/config-file';
import { type Inventory, readInventory, updateInventory } from '../inventory/inventory';
import { removeServers } from '../inventory/merge/merge';
import { type ConfigChange, mergeFile } from '../inventory/merge/merge-file';
import { type ServerSpec } from '../domain/spec';
import { specOf } from '../inventory/normalise';
import { listReferences } from '../inventory/references/references';
import { secretsFile } from '../inventory/references/secrets-file';

export { type ConfigChange, type ConfigFile };

/** Reads config files; throws when one cannot be read at all, before anything has changed. */
export async function readConfigFiles(files: readonly string[]): Promise<ConfigFile[]> {
  return Promise.all(files.map((file) => readConfigFile(file)));
}

/** Warnings for the owners of configs: skipped parts, and members that have no effect. */
export function configWarnings(configs: readonly ConfigFile[]): string[] {
  return configs.flatMap(({ file, entries, leftOut }) => [
    ...leftOut.map(({ line, text, server }) =>
      server ? `${file}:${line}: skipped ${server.name}: ${text}` : `${file}:${line}: ${text}`,
    ),
    ...entries.flatMap(({ name, warnings }) =>
      warnings.map(({ line, text }) => `${file}:${line}: ${name}: ${text}`),
    ),
  ]);
}

/** Fails when the inventory is unusable, before anything is started. */
export async function checkInventory(home: string): Promise<void> {
  await readInventory(home);
}

/** Merges config files into the inventory; returns the change to each part of them. */
export async function mergeConfigs(
  home: string,
  configs: readonly ConfigFile[],
): Promise<ConfigChange[]> {
  let changes: ConfigChange[] = [];
  await updateInventory(home, (inventory) => {
    changes = [];
    return configs.reduce((merged, config) => {
      const result = mergeFile(merged, config, Date.now());
      changes.push(...result.changes);
      return result.inventory;
    }, inventory);
  });
  return changes;
}

/** The config files of an instance: those given to it, and those that its servers came from. */
export async function configFiles(home: string, given: readonly string[]): Promise<string[]> {
  return [...new Set([...given, ...originsOf(await readInventory(home))])];
}

/** The config files of an instance, and the files that hold values for its servers. */
export async function watchedFiles(home: string, given: readonly string[]): Promise<string[]> {
  const inventory = await readInventory(home);
  const origins = [...given, ...originsOf(inventory)];
  const envFiles = origins.map((file) => path.join(baseDirOf(file), '.env'));
  const specs = Object.entries(inventory.servers).map(([name, record]) => specOf(name, record));
  const valueFiles = specs.flatMap((spec) => valueFilesOf(spec));
  return [...new Set([...origins, ...envFiles, secretsFile(home), ...valueFiles])];
}

function valueFilesOf(spec: ServerSpec): string[] {
  const { envFiles = [], process } = spec;
  const referred = listReferences(spec).flatMap((reference) =>
    reference.kind === 'file' ? [reference.path] : [],
  );
  return [...envFiles, ...referred, ...(process?.envFile === undefined ? [] : [process.envFile])];
}

/** Removes servers from the inventory of an instance that is not running. */
export async function removeFromInventory(home: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await updateInventory(home, (inventory) => removeServers(inventory, names));
}

/** The config files that one server came from; without a name, those of all servers and of everything else in configs. */
export function originsOf(inventory: Inventory, name?: string): string[] {
  const servers = Object.entries(inventory.servers).filter(([other]) => !name || other === name);
  const files = servers.flatMap(([, { origin }]) => (origin === 'cli' ? [] : [origin.file]));
  if (name !== undefined) return [...new Set(files)];
  const ofAlerts = (inventory.alerts ?? []).flatMap(({ origin }) => origin ?? []);
  const ofProfiles = Object.values(inventory.profiles ?? {}).flatMap(({ origin }) => origin ?? []);
  const ofGateway = (inventory.gateway ?? []).map(({ origin }) => origin);
  // A removed server's file may contain other servers since, or no longer exist.
  const ofRemoved = (inventory.removed ?? []).map(({ file }) => file).filter(existsSync);
  return [...new Set([...files, ...ofAlerts, ...ofProfiles, ...ofGateway, ...ofRemoved])];
}
