import { type FailureRule } from './tool-failure';
import { type ProgramPin, type ProgramSource, type RunCommand } from '../domain/programs/programs';

export interface ToolRun {
  /** A name on PATH, or a path. */
  command: string;
  args: string[];
  cwd: string;
  /** Added to what tools get anyway. */
  env?: Record<string, string>;
  /** What the output of this tool means when it fails; they go before those that hold for every tool. */
  rules?: readonly FailureRule[];
  /** Its stdout is an answer for us: it does not go to the log. */
  quiet?: boolean;
}
/**
 * Runs a package tool to its end and returns its stdout.
 *
 * @throws MainspringError what went wrong, with the last lines; PREREQUISITE_MISSING when there is no such program; the
 * reason of the signal, when nothing of the tool is left
 */
export type RunTool = (run: ToolRun) => Promise<string>;

export interface InstallRequest {
  source: ProgramSource;
  /** Exactly this; without it, what `source` means now. */
  pin?: ProgramPin;
  allowScripts: string[];
  /** Install it again although it is there. */
  force: boolean;
}
export interface InstallIo {
  signal: AbortSignal;
  /** What is being done now, for people. */
  onStep: (step: string) => void;
  /** A line for the log of the installation. */
  log: (line: string) => void;
}

/** One way to install, such as npm. It knows nothing of where programs are kept, nor of others that install the same. */
export interface Installer<Source extends ProgramSource> {
  /**
   * Fills `folder`, which is empty and stays where it is, so that absolute paths inside remain right. When it throws, or its
   * process dies, the folder is thrown away.
   *
   * @throws MainspringError as `Programs.install` does; the reason of `io.signal` when that was aborted
   */
  install(wish: InstallTarget<Source>, folder: string, io: InstallerIo): Promise<Installed>;
  /** The newest version that there is; the installed one's where there is nothing to ask. */
  latest(source: Source, io: InstallerIo): Promise<string>;
  /**
   * Whether what was installed with this pin is still what `source` means; false installs it anew, without the pin. For
   * folders of the user, which change under us. It is asked at every start of a server: read a few small files at most.
   */
  isCurrent?(source: Source, pin: ProgramPin): Promise<boolean>;
}

/** What is to be installed. */
export interface InstallTarget<Source extends ProgramSource> {
  source: Source;
  /** Exactly this, or fail; without it, what `source` means now. */
  pin?: ProgramPin;
  /** What `pin.lock` names: the `lockText` of the first installation, which may have been on another host. */
  lockText?: string;
  /** Packages whose install scripts may run; no other code runs while installing. */
  allowScripts: string[];
}

export interface Installed {
  /** The store adds the digest of the lock and the consent. */
  pin: Omit<ProgramPin, 'lock' | 'allowScripts'>;
  /** Fixes every dependency, so that another host gets the same; the same text for the same dependencies. */
  lockText?: string;
  run: RunCommand;
  blockedScripts: string[];
}

export interface InstallerIo extends InstallIo {
  /** Of the host, for what needs it. Tools get what they may see of it by themselves. */
  env: NodeJS.ProcessEnv;
  /** Runs npm, uv, … with this installation's log and signal. */
  run: RunTool;
}
