import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { type ErrorCode, MainspringError } from '../../base/errors';
import { parseForeignOutput, readForeignFile } from '../foreign-output';
import { type InstallerIo } from '../installer';
import {
  buildFlags,
  type EnvironmentFiles,
  type PythonBackend,
  sourceBuildRefused,
} from './python-environment';
import { formatLock, type LockedPackage, normalName } from './python-lock';
import { PIP_ENV, PIP_RULES } from './python-rules';
import { isAtLeast, type MajorMinor, managesOthers, type Python } from './python-tools';

/** First version of pip that can report the packages it has chosen. */
const OLDEST_PIP: MajorMinor = [22, 2];
/**
 * Few retries, because Temporal retries the installation. At least one, because pip reports lost connections only when
 * it retries.
 */
const RETRIES = '1';

/** Report of pip; older versions have only `hash`, such as `sha256=<hex>`. */
const reportSchema = z.object({
  install: z.array(
    z.object({
      metadata: z.object({ name: z.string(), version: z.string() }),
      download_info: z.object({
        archive_info: z
          .object({
            hash: z.string().optional(),
            hashes: z.object({ sha256: z.string().optional() }).optional(),
          })
          .optional(),
      }),
    }),
  ),
});

/** An environment of `python -m venv`, filled by the pip of that Python if possible, or else by a pip of its own. */
export function createPip(python: Python, files: EnvironmentFiles, io: InstallerIo): PythonBackend {
  const isShared = managesOthers(python);
  const [command, ...launcher] = isShared
    ? [python.executable, '-m', 'pip', '--python', files.python]
    : [files.python, '-m', 'pip'];
  const pip = (args: string[], quiet = false) =>
    io.run({
      command,
      args: [...launcher, ...args],
      cwd: files.folder,
      env: { ...PIP_ENV, PIP_RETRIES: RETRIES },
      rules: PIP_RULES,
      quiet,
    });
  const install = async (lines: string, flags: string[], mayBuild: string[]) => {
    await writeFile(files.requirements, lines);
    try {
      const report = ['--quiet', '--report', files.report, '-r', files.requirements];
      await pip(['install', ...buildFlags(mayBuild), ...flags, ...report]);
    } catch (error) {
      throw await refusedBuild(error, (name) => pip(['index', 'versions', name], true));
    }
    return readReport(files.report);
  };
  let installed: LockedPackage[] = [];
  return {
    async createEnvironment() {
      const { folder, venv } = files;
      const flags = isShared ? ['--without-pip'] : [];
      const args = ['-m', 'venv', ...flags, venv];
      await io.run({ command: python.executable, args, cwd: folder });
      if (isShared || isAtLeast(python.bundledPip ?? '', OLDEST_PIP)) return;
      await pip(['install', '--quiet', '--upgrade', '--only-binary', ':all:', 'pip']);
    },
    async resolve({ lines, mayBuild, alone = false }) {
      if (lines.length === 0) return [];
      const flags = ['--dry-run', '--ignore-installed', ...(alone ? ['--no-deps'] : [])];
      return install(`${lines.join('\n')}\n`, flags, mayBuild);
    },
    async install(packages, mayBuild) {
      if (packages.length === 0) return;
      const flags = ['--no-deps', '--require-hashes', '--ignore-installed'];
      installed = await install(formatLock(packages), flags, mayBuild);
    },
    async fileDigest({ name }) {
      const digest = installed.find((one) => one.name === name)?.hashes[0];
      if (digest === undefined) throw withoutHash(name);
      return digest;
    },
  };
}

async function readReport(file: string): Promise<LockedPackage[]> {
  const report = parseForeignOutput(
    reportSchema,
    await readForeignFile(file),
    '"pip install --report"',
  );
  return report.install.map(({ metadata: { name, version }, download_info: { archive_info } }) => {
    const [, legacyHash] = /^sha256=(.+)$/.exec(archive_info?.hash ?? '') ?? [];
    const sha256 = archive_info?.hashes?.sha256 ?? legacyHash;
    if (sha256 === undefined) throw withoutHash(name);
    return { name: normalName(name), version, hashes: [`sha256:${sha256}`] };
  });
}

function withoutHash(name: string): MainspringError {
  return new MainspringError('INSTALL_FAILED', `"${name}" does not come from a file with a hash.`, {
    fix: 'Only packages from a registry can be installed. Run the command unchanged: --as-is.',
  });
}

const NOTHING_FITS: ErrorCode[] = ['PACKAGE_NOT_FOUND', 'VERSION_NOT_FOUND'];
const UNSATISFIED = /requirement ([\w.-]+)(?:\[[^\]]*\])?\s*([^\s(;]*).*\(from versions: ([^)]*)\)/;

/** Looks the package up in the index: pip reports the same error for an unknown package as for one without wheels. */
async function refusedBuild(
  error: unknown,
  listVersions: (name: string) => Promise<string>,
): Promise<unknown> {
  if (!(error instanceof MainspringError) || !NOTHING_FITS.includes(error.code)) return error;
  const [, name, specifier = '', wheels = ''] = UNSATISFIED.exec(error.message) ?? [];
  if (name === undefined) return error;
  const list = await listVersions(name).catch(() => '');
  const all = (/^Available versions: (.*)$/m.exec(list)?.[1] ?? '').split(', ').filter(Boolean);
  return needsBuild(specifier, wheels.split(', '), all) ? sourceBuildRefused(name, error) : error;
}

/** Whether a matching version exists, but not as a wheel. */
export function needsBuild(specifier: string, wheels: string[], all: string[]): boolean {
  const [, exact] = /^={2,3}([^*,]+)$/.exec(specifier) ?? [];
  const sources = all.filter((version) => !wheels.includes(version));
  if (exact !== undefined) return sources.includes(exact);
  return sources.length > 0 && sources.length === all.length;
}
