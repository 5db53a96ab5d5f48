import { readFile } from 'node:fs/promises';
import { type ServerSpec } from '../../domain/spec';
import { hasCode } from '../../base/durable-file';
import { variablesIn } from './env-text';
import { readSecrets } from './secrets-file';

export type Variables = Record<string, string | undefined>;

/**
 * Reads the variables that the references of a spec may use: the environment of the host, then the spec's env files in
 * their order, then `secrets.env` of the data directory. Read again at every start.
 */
export async function lookUpVariables(
  { envFiles = [] }: Pick<ServerSpec, 'envFiles'>,
  hostEnv: Readonly<Variables>,
  home: string,
): Promise<Variables> {
  const files = await Promise.all(envFiles.map(readEnvFile));
  const sources: Readonly<Variables>[] = [hostEnv, ...files, await readSecrets(home)];
  // No prototype, because a variable called `constructor` is not set.
  const variables: Variables = Object.fromEntries(
    sources.reverse().flatMap((source) => Object.entries(source)),
  );
  Object.setPrototypeOf(variables, null);
  return variables;
}

/** Reads no variables from a file that is missing or unreadable: the error of a reference names the variable. */
async function readEnvFile(file: string): Promise<Variables> {
  try {
    return variablesIn(await readFile(file, 'utf8'));
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'].some((code) => hasCode(error, code))) return {};
    throw error;
  }
}
