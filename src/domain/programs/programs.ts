/**
 * Where the program of a server comes from, when Mainspring can install it. What a user wrote (`npx …`, `uvx …`) is only
 * a wish; the pin says what it became.
 */
export type ProgramSource =
  NpmSource | PypiSource | NodeProjectSource | PythonProjectSource | BundleSource | ImageSource;

export interface NpmSource {
  method: 'npm';
  package: string;
  /** Version, range or tag. */
  wanted: string;
  /** Which of the package's commands; the only one, or the one named like the package, when absent. */
  bin?: string;
  /** More packages that have to be there, such as `npx -p` names them. */
  with?: string[];
  /** What the tarball must have (Subresource Integrity), when the config says so. */
  integrity?: string;
}

export interface PypiSource {
  method: 'pypi';
  package: string;
  extras: string[];
  /** Version specifiers of PEP 440, such as `==1.2` or `>=1,<2`; empty for the newest. */
  wanted: string;
  /** A console script, or a module as for `python -m`. */
  run: { script: string } | { module: string };
  with?: string[];
  /** `sha256:<hex>` that the wheel must have, when the config says so. */
  integrity?: string;
}

/** A folder of the user with a package.json: its dependencies are installed in place. */
export interface NodeProjectSource {
  method: 'node-project';
  /** Absolute. */
  dir: string;
  /** What starts it, as it was written. */
  command: string;
}

/** A folder of the user with a requirements.txt or pyproject.toml: its dependencies go into an environment of ours. */
export interface PythonProjectSource {
  method: 'python-project';
  /** Absolute. */
  dir: string;
  /** A console script of the project; without one the arguments are those of `python`. */
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

/** What exactly was installed; with its lock it is the same on every host. */
export interface ProgramPin {
  /** Of the package, image, project folder or bundle. */
  name: string;
  version: string;
  /** npm: Subresource Integrity; wheels and bundles: `sha256:<hex>`; images: their digest; projects: of what they depend on. */
  integrity: string;
  /** sha256 of the lock text in the store, which fixes every dependency. */
  lock?: string;
  /** Packages whose install scripts may run. */
  allowScripts: string[];
}

/** The program of a server as its spec carries it. */
export interface Program {
  source: ProgramSource;
  /** Absent until it was installed once. */
  pin?: ProgramPin;
  /** What follows the program on its command line; strings may hold references. */
  args: string[];
  /** Answers to the questions that a bundle's manifest asks; strings may hold references. */
  userConfig?: Record<string, string | string[]>;
  allowScripts: string[];
}

/** How an installed program is started: the server's own arguments follow `args`. */
export interface RunCommand {
  command: string;
  args: string[];
  env: Record<string, string>;
  /** What a bundle asks its user, by key: `${user_config.<key>}` above stands for the answer. */
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
  /** Packages with install scripts that were not run, because nobody has consented. */
  blockedScripts: string[];
  /** It was there already. */
  reused: boolean;
  /** It was not there when it was asked for: another installation was building it. */
  awaited?: true;
}

/** What a server waits for before its program can be started. */
export function needsInstall(program: Program | undefined): program is Program {
  return program !== undefined && program.pin === undefined;
}

/** For people: `npm @scope/name@1.2.3`. */
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
