import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { MainspringError, reportOf } from '../../base/errors';
import { hasCode } from '../../base/durable-file';
import { normalName } from './python-lock';
import { checkedRequirement, readRequirementLines } from './requirement-lines';

/** Contents of a project's files, read without running any of its code. */
export interface PythonProject {
  name: string;
  version: string;
  /** Lines of a requirements file. */
  requirements: string[];
  /** Versions allowed for packages that are required indirectly. */
  constraints: string[];
  /** Commands of the project: `module:function` by name. */
  scripts: Record<string, string>;
  /** Version specifier such as `>=3.11`. */
  requiresPython?: string | undefined;
  /** `sha256:<hex>` over all of these files. */
  integrity: string;
}

const pyprojectSchema = z.object({
  project: z
    .object({
      name: z.string().optional(),
      version: z.string().optional(),
      'requires-python': z.string().optional(),
      dependencies: z.array(z.string()).optional(),
      dynamic: z.array(z.string()).default([]),
      scripts: z.record(z.string(), z.string()).default({}),
    })
    .optional(),
  tool: z
    .object({
      uv: z
        .object({
          sources: z.record(z.string(), z.unknown()).optional(),
          index: z.unknown().optional(),
        })
        .optional(),
    })
    .optional(),
});
type Pyproject = z.infer<typeof pyprojectSchema>;

const uvLockSchema = z.object({
  package: z
    .array(
      z.object({
        name: z.string(),
        version: z.string().optional(),
        source: z.object({ registry: z.string().optional() }).optional(),
      }),
    )
    .default([]),
});

const NO_VERSION = '0.0.0';

/** @throws MainspringError INVALID_CONFIG, FILE_NOT_FOUND or NOT_INSTALLABLE, naming the file */
export async function readPythonProject(dir: string): Promise<PythonProject> {
  const files = new Map<string, string>();
  const pyproject = await readToml(path.join(dir, 'pyproject.toml'), pyprojectSchema, files);
  const uvLock = await readToml(path.join(dir, 'uv.lock'), uvLockSchema, files);
  const { requirements, constraints } = await readDependencies(dir, pyproject, files);
  return {
    name: pyproject?.project?.name ?? path.basename(dir),
    version: pyproject?.project?.version ?? NO_VERSION,
    requirements,
    constraints: [...constraints, ...lockedVersions(uvLock)],
    scripts: pyproject?.project?.scripts ?? {},
    requiresPython: pyproject?.project?.['requires-python'],
    integrity: digestOf(dir, files),
  };
}

/** Returns the folder of a project's modules. */
export function sourceRoot(dir: string): string {
  const src = path.join(dir, 'src');
  return existsSync(src) ? src : dir;
}

async function readDependencies(
  dir: string,
  pyproject: Pyproject | undefined,
  files: Map<string, string>,
): Promise<{ requirements: string[]; constraints: string[] }> {
  const file = path.join(dir, 'pyproject.toml');
  const declared = pyproject?.project?.dependencies;
  if (pyproject !== undefined && declared !== undefined) {
    refuseOtherSources(file, declared, pyproject);
    const requirements = declared.map((line) => checkedRequirement(line, file));
    return { requirements, constraints: [] };
  }
  const requirementsFile = path.join(dir, 'requirements.txt');
  if (existsSync(requirementsFile)) {
    const found = await readRequirementLines(requirementsFile);
    for (const [name, text] of found.files) files.set(name, text);
    return found;
  }
  const { project } = pyproject ?? {};
  if (project !== undefined && !project.dynamic.includes('dependencies')) {
    return { requirements: [], constraints: [] };
  }
  const reason =
    pyproject === undefined
      ? 'has no pyproject.toml or requirements.txt'
      : 'does not list its dependencies in [project] of its pyproject.toml';
  throw new MainspringError('NOT_INSTALLABLE', `${dir} ${reason}.`, {
    fix: 'Add a requirements.txt (pip freeze > requirements.txt), or run the command unchanged: --as-is.',
  });
}

/** Refuses dependencies from custom sources: the same name may be another owner's package on our index. */
function refuseOtherSources(file: string, declared: string[], { tool }: Pyproject): void {
  const customSources = Object.keys(tool?.uv?.sources ?? {}).map(normalName);
  const needed = declared.map((line) => normalName(/^[\w.-]+/.exec(line)?.[0] ?? ''));
  const hasOwnIndex = tool?.uv?.index !== undefined;
  const refused = hasOwnIndex ? needed[0] : needed.find((name) => customSources.includes(name));
  if (refused === undefined) return;
  throw new MainspringError(
    'NOT_INSTALLABLE',
    `${file} takes "${refused}" from a custom source ([tool.uv]).`,
    { fix: 'Leave the command to uv: "asIs": true, or --as-is.' },
  );
}

/** Pins packages that have the same version on every platform. */
function lockedVersions(lock: z.infer<typeof uvLockSchema> | undefined): string[] {
  const packages = (lock?.package ?? []).filter(({ source }) => source?.registry !== undefined);
  return packages.flatMap(({ name, version }) => {
    const isOnly = packages.filter((other) => other.name === name).length === 1;
    return isOnly && version !== undefined ? [`${name}==${version}`] : [];
  });
}

async function readToml<Shape>(
  file: string,
  schema: z.ZodType<Shape>,
  files: Map<string, string>,
): Promise<Shape | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    files.set(file, text);
    return schema.parse(parse(text));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : reportOf(error).message;
    throw new MainspringError('INVALID_CONFIG', `${file}: ${reason}`, { cause: error });
  }
}

/** Digest that does not depend on the location of the folder. */
function digestOf(dir: string, files: Map<string, string>): string {
  const hash = createHash('sha256');
  for (const [file, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path.relative(dir, file)}\0${text}\0`);
  }
  return `sha256:${hash.digest('hex')}`;
}
