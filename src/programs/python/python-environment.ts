import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { type LockedPackage } from './python-lock';

/** What installs packages into an environment of its own: uv or pip. Both take wheels only. */
export interface PythonBackend {
  /** Makes the environment; everything else needs it. */
  createEnvironment(): Promise<void>;
  /** The newest versions that the requirements allow, with all that they need. */
  resolve(requirements: Requirements): Promise<LockedPackage[]>;
  /** Installs exactly these, each with one of its hashes. */
  install(packages: LockedPackage[], mayBuild: string[]): Promise<void>;
  /** `sha256:<hex>` of the file that an installed package came from. */
  fileDigest(installed: LockedPackage): Promise<string>;
}

interface Requirements {
  /** Lines of a requirements file. */
  lines: string[];
  /** Packages that may be built from source, which runs their code. */
  mayBuild: string[];
  /** Without what they need. */
  alone?: boolean;
}

/** Servers that forget to flush would never answer. */
export const PYTHON_ENV = { PYTHONUNBUFFERED: '1' };

/** Where in the folder of a program its environment is, and what goes into it is said. */
export interface EnvironmentFiles {
  folder: string;
  venv: string;
  python: string;
  requirements: string;
  report: string;
}

export function environmentFiles(folder: string): EnvironmentFiles {
  const venv = path.join(folder, 'venv');
  return {
    folder,
    venv,
    python: path.join(venv, 'bin', 'python'),
    requirements: path.join(folder, 'requirements.txt'),
    report: path.join(folder, 'report.json'),
  };
}

export function sourceBuildRefused(name: string, cause: unknown): MainspringError {
  return new MainspringError(
    'SOURCE_BUILD_REFUSED',
    `"${name}" has no wheel for this machine, and building it from source runs its code.`,
    { fix: `If you trust it: --allow-scripts ${name}.`, cause },
  );
}

/** How pip and uv are told that nothing is built, except where that was allowed. */
export function buildFlags(mayBuild: string[]): string[] {
  return ['--only-binary', ':all:', ...mayBuild.flatMap((name) => ['--no-binary', name])];
}
