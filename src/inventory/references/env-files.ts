import { statSync } from 'node:fs';
import path from 'node:path';

/** Files whose variables the references of an entry may use. */
export interface EnvFiles {
  envFiles: string[];
  envVersion: string;
}

/**
 * Finds the `envFile` of an entry and the `.env` beside its config. An explicitly given file is included even if it is
 * missing. The version consists of time and size, never of the contents: a hash would make short secrets guessable.
 */
export function findEnvFiles(
  configured: string | undefined,
  besideConfig: string | undefined,
): EnvFiles | undefined {
  const beside = besideConfig === undefined ? undefined : path.join(besideConfig, '.env');
  const files = [configured, beside].flatMap((file) => {
    if (file === undefined) return [];
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true && file !== configured) return [];
    return [{ file, version: stats ? `${stats.mtimeMs}:${stats.size}` : 'missing' }];
  });
  if (files.length === 0) return undefined;
  return {
    envFiles: [...new Set(files.map(({ file }) => file))],
    envVersion: files.map(({ version }) => version).join(' '),
  };
}
