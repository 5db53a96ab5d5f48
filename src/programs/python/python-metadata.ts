import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { normalName } from './python-lock';

/** Returns the folder of installed packages of an environment. */
export async function sitePackages(venv: string): Promise<string> {
  const lib = path.join(venv, 'lib');
  const version = (await readdir(lib)).find((name) => name.startsWith('python'));
  return path.join(lib, version ?? 'python3', 'site-packages');
}

/** Returns the `.dist-info` folder of an installed package. */
export async function metadataFolder(venv: string, name: string): Promise<string> {
  const folder = await sitePackages(venv);
  const found = (await readdir(folder)).find((entry) => {
    const [, distribution = ''] = /^(.+)-[^-]+\.dist-info$/.exec(entry) ?? [];
    return normalName(distribution) === name;
  });
  if (found === undefined) {
    throw new MainspringError('INSTALL_FAILED', `"${name}" is missing from its environment.`);
  }
  return path.join(folder, found);
}
