import { statSync } from 'node:fs';
import path from 'node:path';

/** The files whose variables the references of an entry may name. */
export interface EnvFiles {
  envFiles: string[];
  envVersion: string;
}

/**
 * The `envFile` of an entry and the `.env` beside its config, when they are there or were asked for. Their version is
 * made of time and size, never of what is in them: a hash would let short secrets be guessed.
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
