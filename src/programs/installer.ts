import { type FailureRule } from './tool-failure';
import { type ProgramPin, type ProgramSource, type RunCommand } from '../domain/programs/programs';

export interface ToolRun {
  /** Name on PATH, or a path. */
  command: string;
  args: string[];
  cwd: string;
  /** Variables in addition to those that every tool gets. */
  env?: Record<string, string>;
  /** Rules for errors in the output of this tool; they precede the common rules. */
  rules?: readonly FailureRule[];
  /** Whether stdout is data for the installer; it is then not logged. */
  quiet?: boolean;
}

/**
 * Runs a package tool until it exits and returns its stdout.
 *
 * @throws MainspringError with the last lines of its output; PREREQUISITE_MISSING when the tool is not installed; the
 *   reason of the signal, after all processes of the tool have ended
 */
export type RunTool = (run: ToolRun) => Promise<string>;

export interface InstallRequest {
  source: ProgramSource;
  /** Version to install; default: the newest that `source` allows. */
  pin?: ProgramPin;
  allowScripts: string[];
  /** Whether to install it again even if it exists. */
  force: boolean;
}
export interface InstallIo {
  signal: AbortSignal;
  /** Receives the current step, as text for people. */
  onStep: (step: string) => void;
  /** Writes a line to the log of the installation. */
  log: (line: string) => void;
}

/** An installation method, such as npm. It does not know where programs are stored, or that others install the same. */
export interface Installer<Source extends ProgramSource> {
  /**
   * Fills `folder`, which is empty and never moved, so that absolute paths inside stay valid. When it throws, or its
   * process dies, the folder is removed.
   *
   * @throws MainspringError as `Programs.install` does; the reason of `io.signal` when that was aborted
   */
  install(target: InstallTarget<Source>, folder: string, io: InstallerIo): Promise<Installed>;
  /** Returns the newest version; the installed one where there is no registry. */
  latest(source: Source, io: InstallerIo): Promise<string>;
  /**
   * Whether the program that was installed with this pin still matches `source`; false installs it again, without the
   * pin. Needed for folders of the user, which may change at any time. Called at every start of a server: read only a
   * few small files.
   */
  isCurrent?(source: Source, pin: ProgramPin): Promise<boolean>;
}

/** Installation to perform. */
export interface InstallTarget<Source extends ProgramSource> {
  source: Source;
  /** Version to install, or fail; default: the newest that `source` allows. */
  pin?: ProgramPin;
  /** Lock that `pin.lock` refers to: the `lockText` of the first installation, which may have been on another host. */
  lockText?: string;
  /** Packages whose install scripts may run; no other code runs during the installation. */
  allowScripts: string[];
}

export interface Installed {
  /** Pin without the digest of the lock and the consent, which the store adds. */
  pin: Omit<ProgramPin, 'lock' | 'allowScripts'>;
  /** Lock that fixes every dependency, so that another host gets the same; equal for equal dependencies. */
  lockText?: string;
  run: RunCommand;
  blockedScripts: string[];
}

export interface InstallerIo extends InstallIo {
  /** Environment of the host. Tools get their part of it without this. */
  env: NodeJS.ProcessEnv;
  /** Runs npm, uv and other tools with the log and signal of this installation. */
  run: RunTool;
}
