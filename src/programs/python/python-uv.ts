import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { MainspringError } from '../../base/errors';
import { type InstallerIo } from '../installer';
import { pipSettings } from './pip-settings';
import {
  buildFlags,
  type EnvironmentFiles,
  type PythonBackend,
  sourceBuildRefused,
} from './python-environment';
import { formatLock, normalName, parseLock } from './python-lock';
import { UV_RULES } from './python-rules';
import { metadataFolder } from './python-metadata';
import { type Python } from './python-tools';

/** Few retries, because Temporal retries the installation. */
const RETRIES = '1';

const fileSchema = z.object({
  url: z.string().optional(),
  path: z.string().optional(),
  hashes: z.object({ sha256: z.string().optional() }),
});

/** The parts of PEP 751 that list the files of a package. */
const pylockSchema = z.object({
  packages: z.array(
    z.object({
      name: z.string(),
      wheels: z.array(fileSchema).optional(),
      sdist: fileSchema.optional(),
    }),
  ),
});

/** An environment created and filled by uv. uv does not read the configuration of pip, so it is passed on. */
export async function createUv(
  uv: string,
  python: Python | undefined,
  files: EnvironmentFiles,
  io: InstallerIo,
): Promise<PythonBackend> {
  const settings = await pipSettings(python, io);
  const run = async (args: string[], quiet = false) => {
    try {
      return await io.run({
        command: uv,
        args: [...args, '--no-progress'],
        cwd: files.folder,
        env: { UV_HTTP_RETRIES: io.env.UV_HTTP_RETRIES ?? RETRIES, ...settings.env },
        rules: UV_RULES,
        quiet,
      });
    } catch (error) {
      throw refusedBuild(error);
    }
  };
  const compile = async (lines: string[], flags: string[]) => {
    await writeFile(files.requirements, `${lines.join('\n')}\n`);
    const commonFlags = ['--quiet', '--no-header', '--no-annotate', '--python', files.python];
    const inputs = [...settings.flags, files.requirements];
    return run(['pip', 'compile', ...commonFlags, ...flags, ...inputs], true);
  };
  return {
    async createEnvironment() {
      const chosen = python === undefined ? [] : ['--python', python.executable];
      await run(['venv', '--no-project', ...chosen, files.venv]);
    },
    async resolve({ lines, mayBuild, alone = false }) {
      if (lines.length === 0) return [];
      const flags = [...buildFlags(mayBuild), ...(alone ? ['--no-deps'] : [])];
      return parseLock(await compile(lines, ['--generate-hashes', ...flags]));
    },
    async install(packages, mayBuild) {
      if (packages.length === 0) return;
      await writeFile(files.requirements, formatLock(packages));
      const flags = ['--python', files.python, '--require-hashes', '--no-deps'];
      const packageArgs = [...buildFlags(mayBuild), ...settings.flags, '-r', files.requirements];
      await run(['pip', 'install', ...flags, ...packageArgs]);
    },
    async fileDigest({ name, version, hashes }) {
      if (hashes.length === 1) return hashes.join('');
      const installed = await readFile(files.requirements, 'utf8');
      const flags = ['--no-deps', '--format', 'pylock.toml'];
      const pylock = await compile([`${name}==${version}`], flags);
      await writeFile(files.requirements, installed);
      return digestOf(name, pylock, await wheelTags(files.venv, name));
    },
  };
}

/** Digest of the package's wheel with the tags of the installed one; without one, of the source it was built from. */
function digestOf(name: string, pylock: string, tags: string[]): string {
  const { packages } = pylockSchema.parse(parse(pylock));
  const files = packages.find((one) => normalName(one.name) === name);
  const wheel = files?.wheels?.find(({ url, path: file }) =>
    tagsOf(url ?? file ?? '').some((tag) => tags.includes(tag)),
  );
  const sha256 = (wheel ?? files?.sdist)?.hashes.sha256;
  if (sha256 !== undefined) return `sha256:${sha256}`;
  throw new MainspringError('INSTALL_FAILED', `uv does not report which file "${name}" came from.`);
}

/** Splits the tags of a wheel: `x-1.0-py2.py3-none-any.whl` has `py2-none-any` and `py3-none-any`. */
export function tagsOf(wheel: string): string[] {
  const [python = '', abi = '', platform = ''] = path
    .basename(decodeURIComponent(wheel), '.whl')
    .split('-')
    .slice(-3)
    .map((part) => part.split('.'));
  const tags: string[] = [];
  for (const one of python) {
    for (const two of abi) for (const three of platform) tags.push(`${one}-${two}-${three}`);
  }
  return tags;
}

async function wheelTags(venv: string, name: string): Promise<string[]> {
  const folder = await metadataFolder(venv, name);
  if (!(await readdir(folder)).includes('WHEEL')) return [];
  const text = await readFile(path.join(folder, 'WHEEL'), 'utf8');
  return [...text.matchAll(/^Tag: (\S+)/gm)].flatMap(([, tag]) => tag ?? []);
}

function refusedBuild(error: unknown): unknown {
  if (!(error instanceof MainspringError) || error.code !== 'SOURCE_BUILD_REFUSED') return error;
  const [, name] =
    /(?:required for `([\w.-]+)`)/.exec(error.message) ??
    /Because (?:all versions of )?([\w.-]+?)(?:[=<>~!]\S*)? has/.exec(error.message) ??
    [];
  return name === undefined ? error : sourceBuildRefused(name, error);
}
