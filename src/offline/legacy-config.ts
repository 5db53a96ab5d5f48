import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type ConfigFile, readConfigFile } from '../inventory/config/config-file';
import { readInventory } from '../inventory/inventory';
import { isFirstSight } from '../templates/plan-agent';
import { LEGACY_FILE } from './config-places';

/** Reads the legacy files of these folders, except those listed in `except`. */
export async function findLegacy(
  folders: readonly string[],
  except: readonly string[] = [],
): Promise<ConfigFile[]> {
  const files = [...new Set(folders.map((folder) => path.resolve(folder, LEGACY_FILE)))];
  const there = await Promise.all(files.map((file) => isFile(file)));
  const found = files.filter((file, index) => there[index] && !except.includes(file));
  return Promise.all(found.map((file) => readConfigFile(file)));
}

/**
 * The legacy file of a folder, unless one of its servers is already in the inventory.
 *
 * @throws MainspringError INVALID_CONFIG, INVALID_JSON
 */
export async function unseenLegacy(home: string, folder: string): Promise<ConfigFile | undefined> {
  const [legacy] = await findLegacy([folder]);
  if (!legacy || legacy.entries.length === 0) return undefined;
  const { servers } = await readInventory(home);
  return isFirstSight(legacy, Object.keys(servers)) ? legacy : undefined;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
