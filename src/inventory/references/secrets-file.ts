import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { hasCode, writeDurably } from '../../base/durable-file';
import { withFileLock } from '../../base/file-lock';
import { envLine, variablesIn } from './env-text';

/** Time that a change waits for others; each takes a few milliseconds. */
const LOCK_TIMEOUT_MS = 10_000;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const HEADER = '# Secrets of the servers on this machine. Mainspring rewrites this file.';

/** Reads the variables of `secrets.env` in the data directory; none when there is no such file. */
export async function readSecrets(home: string): Promise<Record<string, string>> {
  try {
    return variablesIn(await readFile(secretsFile(home), 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return {};
    throw error;
  }
}

/**
 * Sets one variable of `secrets.env`, a file that only its user can access (0600), safely alongside other processes.
 *
 * @throws MainspringError INVALID_PARAMETER when the name or the value cannot be written into such a file
 */
export async function writeSecret(home: string, name: string, value: string): Promise<void> {
  if (!VARIABLE_NAME.test(name)) {
    throw unwritable(`"${name}" is not a valid variable name: expected letters, digits and "_".`);
  }
  if (envLine(name, value) === undefined) {
    throw unwritable(`The value of ${name} contains all three kinds of quotes or a NUL character.`);
  }
  await updateSecrets(home, (secrets) => ({ ...secrets, [name]: value }));
}

/** Removes one variable from `secrets.env`; an absent one is no error. */
export async function removeSecret(home: string, name: string): Promise<void> {
  await updateSecrets(home, ({ [name]: _removed, ...others }) => others);
}

export function secretsFile(home: string): string {
  return path.join(home, 'secrets.env');
}

async function updateSecrets(
  home: string,
  change: (secrets: Record<string, string>) => Record<string, string>,
): Promise<void> {
  await withFileLock(path.join(home, 'secrets.lock'), { timeoutMs: LOCK_TIMEOUT_MS }, async () => {
    const secrets = Object.entries(change(await readSecrets(home)));
    const lines = secrets.map(([name, value]) => envLine(name, value) ?? '');
    await writeDurably(secretsFile(home), `${[HEADER, ...lines].join('\n')}\n`);
  });
}

function unwritable(message: string): MainspringError {
  return new MainspringError('INVALID_PARAMETER', message, {
    fix: 'Put it in a separate file and reference it: ${file:path}.',
  });
}
