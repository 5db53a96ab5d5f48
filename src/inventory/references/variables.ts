import { readFile } from 'node:fs/promises';
import { type ServerSpec } from '../../domain/spec';
import { hasCode } from '../../base/durable-file';
import { variablesIn } from './env-text';
import { readSecrets } from './secrets-file';

export type Variables = Record<string, string | undefined>;

/**
 * What the references of a spec are looked up in: the environment of the host, then the spec's env files in their
 * order, then `secrets.env` of the data directory. Read anew at every start.
 */
export async function lookUpVariables(
  { envFiles = [] }: Pick<ServerSpec, 'envFiles'>,
  hostEnv: Readonly<Variables>,
  home: string,
): Promise<Variables> {
  const files = await Promise.all(envFiles.map(readEnvFile));
  const sources: Readonly<Variables>[] = [hostEnv, ...files, await readSecrets(home)];
  // Without a prototype: nobody has set a variable called `constructor`.
  const variables: Variables = Object.fromEntries(
    sources.reverse().flatMap((source) => Object.entries(source)),
  );
  Object.setPrototypeOf(variables, null);
  return variables;
}

/** A file that is gone, or not readable for us, has no variables: whoever needs one of them is told its name. */
async function readEnvFile(file: string): Promise<Variables> {
  try {
    return variablesIn(await readFile(file, 'utf8'));
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'].some((code) => hasCode(error, code))) return {};
    throw error;
  }
}
