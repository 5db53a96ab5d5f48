import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type ConfigFile, readConfigFile } from '../inventory/config/config-file';
import { readInventory } from '../inventory/inventory';
import { isFirstImport } from '../templates/plan-agent';
import { LEGACY_FILE } from './config-paths';

/** Reads the legacy files of these folders, except those listed in `except`. */
export async function findLegacyConfigs(
  folders: readonly string[],
  except: readonly string[] = [],
): Promise<ConfigFile[]> {
  const files = [...new Set(folders.map((folder) => path.resolve(folder, LEGACY_FILE)))];
  const areFiles = await Promise.all(files.map((file) => isFile(file)));
  const found = files.filter((file, index) => areFiles[index] && !except.includes(file));
  return Promise.all(found.map((file) => readConfigFile(file)));
}

/**
 * The legacy file of a folder, unless one of its servers is already in the inventory.
 *
 * @throws MainspringError INVALID_CONFIG, INVALID_JSON
 */
export async function newLegacyConfig(
  home: string,
  folder: string,
): Promise<ConfigFile | undefined> {
  const [legacy] = await findLegacyConfigs([folder]);
  if (!legacy || legacy.entries.length === 0) return undefined;
  const { servers } = await readInventory(home);
  return isFirstImport(legacy, Object.keys(servers)) ? legacy : undefined;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
