import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { type LockedPackage } from './python-lock';

/** Installs packages into a separate environment, with uv or pip. Both accept wheels only. */
export interface PythonBackend {
  /** Creates the environment; must be called first. */
  createEnvironment(): Promise<void>;
  /** Returns the newest versions that the requirements allow, with all dependencies. */
  resolve(requirements: Requirements): Promise<LockedPackage[]>;
  /** Installs exactly these packages, each checked against its hashes. */
  install(packages: LockedPackage[], mayBuild: string[]): Promise<void>;
  /** `sha256:<hex>` of the file that an installed package came from. */
  fileDigest(installed: LockedPackage): Promise<string>;
}

interface Requirements {
  /** Lines of a requirements file. */
  lines: string[];
  /** Packages that may be built from source, which runs their code. */
  mayBuild: string[];
  /** Excludes their dependencies. */
  alone?: boolean;
}

/** Disables buffering: the responses of a server that does not flush would never arrive. */
export const PYTHON_ENV = { PYTHONUNBUFFERED: '1' };

/** Files of the environment in the folder of a program. */
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

/** Flags of pip and uv that forbid builds from source, except of the allowed packages. */
export function buildFlags(mayBuild: string[]): string[] {
  return ['--only-binary', ':all:', ...mayBuild.flatMap((name) => ['--no-binary', name])];
}
