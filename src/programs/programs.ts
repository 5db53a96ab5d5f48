import path from 'node:path';
import { type InstalledProgram, type ProgramSource } from '../domain/programs/programs';
import { type LockStore } from '../store/store';
import { installProgram, latestVersion } from './install';
import { openProgramStore } from './program-store';
import { type ToolHost } from './run-tool';
import { sweepPrograms } from './sweep-programs';
import { type InstallIo, type InstallRequest } from './installer';

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

export interface ProgramsDeps extends ToolHost {
  /** The data directory. */
  home: string;
  locks: LockStore;
}

/** The programs in a data directory. Any number of processes may install there. */
export function openPrograms({ home, ...host }: ProgramsDeps): Programs {
  const root = path.join(home, 'programs');
  // Where uv is, when it was installed for us alone.
  const env = { ...host.env, MAINSPRING_HOME: home };
  const deps = { ...host, env, root, store: openProgramStore(root) };
  return {
    install: (request, io) => installProgram(deps, request, io),
    latest: (source, io) => latestVersion(deps, source, io),
    sweep: () => sweepPrograms(root),
  };
}
