import { constants } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { MainspringError } from '../base/errors';
import { hasCode } from '../base/durable-file';
import { type ExportTarget } from '../domain/programs/config-programs';
import { type Exported, exportGateway, exportServers } from '../inventory/export-servers';
import { readInventory } from '../inventory/inventory';
import { unknownServer } from '../domain/servers/unknown-name-errors';

export { type Exported, type ExportTarget };

export interface ExportRequest {
  target: ExportTarget;
  /** Servers to export; default: all. */
  names: readonly string[];
  /** Exports the Mainspring gateway instead of the servers. */
  gateway: boolean;
  /** File that the export will be written to. */
  file?: string | undefined;
}

/**
 * Converts servers of the inventory to another program's format.
 *
 * @throws MainspringError UNKNOWN_SERVER, WRONG_USAGE, INVALID_CONFIG
 */
export async function exportInventory(
  home: string,
  { target, names, gateway, file }: ExportRequest,
): Promise<Exported> {
  if (gateway) return exportGateway(target);
  const { servers } = await readInventory(home);
  const selected = names.length > 0 ? names : Object.keys(servers);
  const records = selected.map((name) => {
    const record = servers[name];
    if (!record) throw unknownServer(name, Object.keys(servers));
    return [name, record] as const;
  });
  return exportServers(target, records, { file });
}

/**
 * Writes an export into a file.
 *
 * @throws MainspringError FILE_EXISTS, unless it may be overwritten; FILE_NOT_FOUND when it cannot be written
 */
export async function saveExport(
  file: string,
  content: Exported['content'],
  { overwrite }: { overwrite: boolean },
): Promise<void> {
  try {
    if ('text' in content) await writeFile(file, content.text, { flag: overwrite ? 'w' : 'wx' });
    else await copyFile(content.copyOf, file, overwrite ? 0 : constants.COPYFILE_EXCL);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) {
      throw new MainspringError('FILE_EXISTS', `The file ${file} already exists.`, {
        cause: error,
      });
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new MainspringError('FILE_NOT_FOUND', `Cannot write ${file}: ${why}`, {
      cause: error,
    });
  }
}
