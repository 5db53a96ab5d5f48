import path from 'node:path';
import { z } from 'zod';
import { MainspringError } from '../../base/errors';
import { didYouMean, nearMatches } from '../../base/nearest-names';

export const binSchema = z.looseObject({
  name: z.string(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
});
type BinManifest = z.infer<typeof binSchema>;

/**
 * Returns the file of a package's command, relative to the package. Without `wanted` it is the only one, or the one
 * named like the package, as for `npx`.
 */
export function binFile({ name, bin }: BinManifest, commandName?: string): string {
  const plainName = path.posix.basename(name);
  const bins = new Map(
    Object.entries(typeof bin === 'string' ? { [plainName]: bin } : (bin ?? {})).map(
      ([key, file]) => [path.posix.basename(key), insidePackage(file)],
    ),
  );
  if (bins.size === 0) {
    throw new MainspringError('INSTALL_FAILED', `"${name}" has no command to start.`, {
      fix: 'Check the name: this package is a library. Or run the command unchanged: --as-is.',
    });
  }
  const file =
    bins.get(commandName ?? plainName) ?? (commandName === undefined ? onlyFile(bins) : undefined);
  if (file !== undefined) return file;
  const names = [...bins.keys()];
  const near = commandName === undefined ? [] : nearMatches(commandName, names);
  throw new MainspringError(
    'INSTALL_FAILED',
    commandName === undefined
      ? `"${name}" has several commands, and none has the name of the package: ${names.join(', ')}.`
      : `"${name}" has no command "${commandName}"; it has: ${names.join(', ')}${didYouMean(near, 'clause')}`,
    { fix: `Choose one of them: npx -p ${name} ${near[0] ?? names[0]}.` },
  );
}

/** Several names of the same file count as one command. */
function onlyFile(bins: Map<string, string>): string | undefined {
  const files = new Set(bins.values());
  return files.size === 1 ? [...files][0] : undefined;
}

/** Keeps the path inside the package, as npm does. */
function insidePackage(file: string): string {
  return path.posix.join('/', file.replaceAll('\\', '/')).slice(1);
}
