import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { MainspringError } from '../../base/errors';
import { parseForeignJson } from '../../base/foreign-json';
import { hasCode } from '../../base/durable-file';
import { sha256 } from '../../base/sha256';

const names = z.record(z.string(), z.string()).optional();

const manifestSchema = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  main: z.string().optional(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  scripts: names,
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
});

/** A folder with a package.json, in its current state. */
export interface NodeProject {
  dir: string;
  name: string;
  manifest: z.infer<typeof manifestSchema>;
  /** Text of its npm-shrinkwrap.json or package-lock.json. */
  lockText: string | undefined;
  /** `sha256:<hex>` of the files that decide its dependencies. */
  integrity: string;
}

export async function readNodeProject(dir: string): Promise<NodeProject> {
  const file = path.join(dir, 'package.json');
  const text = await textOf(file);
  if (text === undefined) {
    throw new MainspringError('FILE_NOT_FOUND', `${file} does not exist.`);
  }
  const lockText =
    (await textOf(path.join(dir, 'npm-shrinkwrap.json'))) ??
    (await textOf(path.join(dir, 'package-lock.json')));
  const manifest = parse(file, text);
  const integrity = `sha256:${sha256(JSON.stringify([text, lockText ?? null]))}`;
  return { dir, name: manifest.name ?? path.basename(dir), manifest, lockText, integrity };
}

export function hasDependencies({ manifest }: NodeProject): boolean {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
  return Object.keys(all).length > 0;
}

/** Undefined when there is no such file. */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parse(file: string, text: string): NodeProject['manifest'] {
  try {
    return manifestSchema.parse(parseForeignJson(text));
  } catch (cause) {
    throw new MainspringError('INVALID_CONFIG', `${file} is not a valid package.json.`, { cause });
  }
}
