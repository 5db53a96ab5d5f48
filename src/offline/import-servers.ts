import { existsSync } from 'node:fs';
import os from 'node:os';
import { ensureHome } from '../config';
import { type ErrorReport, MainspringError, reportOf } from '../base/errors';
import { type ConfigEntry, type ConfigFile, readConfigFile } from '../inventory/config/config-file';
import { extractableFields, extractSecrets } from '../inventory/merge/extracted-secrets';
import {
  type Inventory,
  type InventoryServer,
  readInventory,
  tableOf,
  updateInventory,
} from '../inventory/inventory';
import { type MergeOptions } from '../inventory/merge/merge';
import { type ConfigChange, mergeFile } from '../inventory/merge/merge-file';
import { readSecrets, writeSecret } from '../inventory/references/secrets-file';
import { warningsOf } from '../inventory/config/warnings';
import { type MissingVariable, missingVariables } from './missing-variables';
import { allConfigPaths, configPathsOf, type Program } from './config-paths';

export { type MissingVariable, type Program };

export interface ImportOptions extends MergeOptions {
  /** Moves literal secrets into `secrets.env` of the data directory, and replaces them by references. */
  extractSecrets?: boolean;
}

/** Effect of an import on one server, or on another part of the file. */
export interface ImportChange {
  kind: ConfigChange['kind'];
  name: string;
  change: ConfigChange['change'];
  file: string;
  /** Line of the entry in the file; absent when it is no longer there. */
  line?: number;
  dialect?: string;
  /** Name in the file, when it was already taken. */
  writtenName?: string;
  /** Reason of a conflict. */
  reason?: string;
  warnings: string[];
  /** Fields with a literal secret that can be moved into `secrets.env`. */
  secrets: string[];
}

/**
 * Finds the existing configs of a program, or of all known programs.
 *
 * @throws MainspringError FILE_NOT_FOUND, with the searched locations
 */
export function findConfigs(program?: Program): string[] {
  const { platform, env } = process;
  const environment = { platform, env, home: os.homedir(), cwd: process.cwd() };
  const paths = [
    ...new Set(program ? configPathsOf(program, environment) : allConfigPaths(environment)),
  ];
  const found = paths.filter((path) => existsSync(path));
  if (found.length > 0) return found;
  const searched = paths.map((path) => `\n  ${path}`).join('');
  throw new MainspringError(
    'FILE_NOT_FOUND',
    `No config with servers found. Looked in:${searched}`,
    {
      fix: 'Specify the file: mainspring import <file>.',
    },
  );
}

/** Reads configs that were found by search: one without servers is no error, and one that is broken is skipped. */
export async function readFoundConfigs(
  files: readonly string[],
): Promise<{ configs: ConfigFile[]; broken: ErrorReport[] }> {
  const results = await Promise.all(
    files.map((file) =>
      readConfigFile(file, { mayBeEmpty: true }).catch((error: unknown) => {
        if (error instanceof MainspringError) return error;
        throw error;
      }),
    ),
  );
  const configs = results.flatMap((one) => (one instanceof MainspringError ? [] : [one]));
  return {
    configs,
    broken: results.flatMap((one) => (one instanceof MainspringError ? [reportOf(one)] : [])),
  };
}

/** A part of a file that is not imported. */
interface ImportLeftOut {
  file: string;
  line: number;
  /** Name of the server, when the part is one. */
  name?: string;
  reason: string;
}

function leftOutOf(configs: readonly ConfigFile[]): ImportLeftOut[] {
  return configs.flatMap(({ file, leftOut }) =>
    leftOut.map(({ line, text, server }) => ({
      file,
      line,
      reason: text,
      ...(server && { name: server.name }),
    })),
  );
}

export interface ImportPlan {
  changes: ImportChange[];
  /** Parts that were found but are not imported. */
  leftOut: ImportLeftOut[];
  /** Variables to set before the servers can start. */
  missing: MissingVariable[];
}

/** Returns the changes that an import would make; changes nothing. */
export async function planImport(
  home: string,
  configs: readonly ConfigFile[],
  options: ImportOptions,
): Promise<ImportPlan> {
  const { inventory, changes } = mergedConfigs(await readInventory(home), configs, options);
  const names = changes.flatMap(({ kind, name, change }) =>
    kind !== 'server' || change === 'conflict' || change === 'vanished' ? [] : [name],
  );
  return {
    changes,
    leftOut: leftOutOf(configs),
    missing: await missingVariables(home, inventory, names),
  };
}

/** Imports servers into the inventory. Servers that vanished from their file stay, for the caller to stop and remove. */
export async function applyImport(
  home: string,
  configs: readonly ConfigFile[],
  options: ImportOptions,
): Promise<ImportChange[]> {
  let changes: ImportChange[] = [];
  await ensureHome(home);
  const taken = options.extractSecrets ? await readSecrets(home) : {};
  let secrets: Record<string, string> = {};
  const before = mergedConfigs(await readInventory(home), configs, options);
  if (options.extractSecrets)
    secrets = withExtraction(before.inventory, before.changes, taken).secrets;
  // Secrets first, so that no server refers to one that does not exist yet.
  for (const [name, value] of Object.entries(secrets)) await writeSecret(home, name, value);
  await updateInventory(home, (inventory) => {
    const after = mergedConfigs(inventory, configs, options);
    changes = after.changes;
    if (!options.extractSecrets) return after.inventory;
    return withExtraction(after.inventory, changes, taken).inventory;
  });
  return changes;
}

function mergedConfigs(
  inventory: Inventory,
  configs: readonly ConfigFile[],
  options: MergeOptions,
): { inventory: Inventory; changes: ImportChange[] } {
  const changes: ImportChange[] = [];
  let current = inventory;
  for (const config of configs) {
    const result = mergeFile(current, config, Date.now(), { ...options, withRemoved: true });
    current = result.inventory;
    changes.push(...result.changes.map((change) => describe(change, config, current)));
  }
  return { inventory: current, changes };
}

function describe(change: ConfigChange, config: ConfigFile, inventory: Inventory): ImportChange {
  const { kind, name } = change;
  const common = {
    kind,
    name,
    change: change.change,
    file: config.file,
    ...(change.change === 'conflict' && { reason: change.error.message }),
  };
  if (kind !== 'server') return { ...common, warnings: [], secrets: [] };
  const record = inventory.servers[name];
  const origin = record?.origin;
  const written = (origin !== undefined && origin !== 'cli' && origin.name) || name;
  const configEntry = config.entries.find((entry) => entry.name === written);
  const isNotImported = change.change === 'conflict' || change.change === 'vanished';
  return {
    ...common,
    ...(configEntry && { line: configEntry.origin.line, dialect: configEntry.dialect }),
    ...(written !== name && { writtenName: written }),
    warnings: configEntry && record && !isNotImported ? warningTexts(configEntry, record) : [],
    secrets: record && !isNotImported ? extractableFields(record.entry) : [],
  };
}

function warningTexts(configEntry: ConfigEntry, { entry }: InventoryServer): string[] {
  const fileWarnings = configEntry.warnings.map(({ line, text }) => `line ${line}: ${text}`);
  return [...fileWarnings, ...warningsOf(entry)];
}

function withExtraction(
  inventory: Inventory,
  changes: readonly ImportChange[],
  taken: Readonly<Record<string, string>>,
): { inventory: Inventory; secrets: Record<string, string> } {
  const servers = new Map(Object.entries(inventory.servers));
  let secrets: Record<string, string> = {};
  for (const { name, secrets: fields } of changes) {
    const record = servers.get(name);
    if (!record || fields.length === 0) continue;
    const moved = extractSecrets(name, record.entry, { ...taken, ...secrets });
    secrets = { ...secrets, ...moved.secrets };
    const extracted = { ...record.extracted, ...moved.extracted };
    servers.set(name, { ...record, entry: moved.entry, extracted });
  }
  return { inventory: { ...inventory, servers: tableOf(servers) }, secrets };
}
