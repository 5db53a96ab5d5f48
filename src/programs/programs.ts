import { type InstalledProgram, type ProgramPin, type ProgramSource } from '../domain/programs';

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

/** The programs that this machine has, each in a folder named after what it contains. */
export interface Programs {
  /**
   * Installs a program, or finds that it is there. Half-done folders are never used, and two that install the same
   * thing at once do it once.
   *
   * @throws MainspringError PACKAGE_NOT_FOUND, VERSION_NOT_FOUND, INTEGRITY_MISMATCH, SOURCE_BUILD_REFUSED,
   * BUNDLE_REFUSED, PREREQUISITE_MISSING, DISK_FULL, INSTALL_FAILED; REGISTRY_UNREACHABLE is worth another try
   */
  install(request: InstallRequest, io: InstallIo): Promise<InstalledProgram>;
  /** The newest version that there is. */
  latest(source: ProgramSource, io: InstallIo): Promise<string>;
  /** Removes what dead processes have left half done. */
  sweep(): Promise<void>;
}
