/**
 * Source of a server's program, when Mainspring can install it. What a user wrote (`npx …`, `uvx …`) is only a request;
 * the pin records what it resolved to.
 */
export type ProgramSource =
  NpmSource | PypiSource | NodeProjectSource | PythonProjectSource | BundleSource | ImageSource;

export interface NpmSource {
  method: 'npm';
  package: string;
  /** Version, range or tag. */
  wanted: string;
  /** Command of the package; the only one, or the one named like the package, when absent. */
  bin?: string;
  /** Additional packages, such as `npx -p` names them. */
  with?: string[];
  /** Required integrity of the tarball (Subresource Integrity), when the config sets it. */
  integrity?: string;
}

export interface PypiSource {
  method: 'pypi';
  package: string;
  extras: string[];
  /** Version specifiers of PEP 440, such as `==1.2` or `>=1,<2`; empty for the newest. */
  wanted: string;
  /** Console script, or a module as for `python -m`. */
  run: { script: string } | { module: string };
  with?: string[];
  /** Required `sha256:<hex>` of the wheel, when the config sets it. */
  integrity?: string;
}

/** Folder of the user with a package.json: its dependencies are installed in place. */
export interface NodeProjectSource {
  method: 'node-project';
  /** Absolute path. */
  dir: string;
  /** Command that starts it, as it was written. */
  command: string;
}

/** Folder of the user with a requirements.txt or pyproject.toml: its dependencies go into an environment of ours. */
export interface PythonProjectSource {
  method: 'python-project';
  /** Absolute path. */
  dir: string;
  /** Console script of the project; without one the arguments are those of `python`. */
  script?: string;
}

/** An `.mcpb` bundle. */
export interface BundleSource {
  method: 'mcpb';
  /** Absolute path, or an https URL. */
  file: string;
  sha256?: string;
}

export interface ImageSource {
  method: 'docker';
  image: string;
  /** Arguments of `docker` before the image, such as `run -i --rm`. */
  options: string[];
}

export type InstallMethod = ProgramSource['method'];

/** Exact result of an installation; with its lock it is the same on every host. */
export interface ProgramPin {
  /** Name of the package, image, project folder or bundle. */
  name: string;
  version: string;
  /**
   * npm: Subresource Integrity; wheels and bundles: `sha256:<hex>`; images: their digest; projects: the digest of their
   * dependencies.
   */
  integrity: string;
  /** sha256 of the lock text in the store, which fixes every dependency. */
  lock?: string;
  /** Packages whose install scripts may run. */
  allowScripts: string[];
}

/** Program of a server as its spec carries it. */
export interface Program {
  source: ProgramSource;
  /** Absent until the first installation. */
  pin?: ProgramPin;
  /** Arguments after the program on its command line; strings may hold references. */
  args: string[];
  /** Answers to the questions of a bundle's manifest; strings may hold references. */
  userConfig?: Record<string, string | string[]>;
  allowScripts: string[];
}

/** Command that starts an installed program: the server's own arguments follow `args`. */
export interface RunCommand {
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Questions of a bundle to its user, by key: `${user_config.<key>}` above stands for the answer. */
  questions?: Record<string, BundleQuestion>;
}

export interface BundleQuestion {
  title: string;
  required: boolean;
  default?: string | string[];
}

export interface InstalledProgram {
  pin: ProgramPin;
  run: RunCommand;
  /** Packages with install scripts that were not run for lack of consent. */
  blockedScripts: string[];
  /** Whether it was already installed. */
  reused: boolean;
  /** Set when another installation was building it at the time of the request. */
  awaited?: true;
}

/** Whether a server's program has to be installed before it can be started. */
export function needsInstall(program: Program | undefined): program is Program {
  return program !== undefined && program.pin === undefined;
}

/** Returns a text for people, such as `npm @scope/name@1.2.3`. */
export function programText({ source, pin }: Pick<Program, 'source' | 'pin'>): string {
  const version = pin?.version ?? ('wanted' in source ? source.wanted : '');
  return `${source.method} ${sourceName(source)}${version && `@${version}`}`;
}

export function sourceName(source: ProgramSource): string {
  switch (source.method) {
    case 'npm':
    case 'pypi':
      return source.package;
    case 'node-project':
    case 'python-project':
      return source.dir;
    case 'mcpb':
      return source.file;
    case 'docker':
      return source.image;
  }
}
