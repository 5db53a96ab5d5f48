import path from 'node:path';
import { type InstalledProgram, type ProgramSource } from '../domain/programs/programs';
import { type LockStore } from '../store/store';
import { installProgram, latestVersion } from './install';
import { openProgramStore } from './program-store';
import { type ToolHost } from './run-tool';
import { sweepPrograms } from './sweep-programs';
import { type InstallIo, type InstallRequest } from './installer';

/** The programs of this machine, each in a folder named after its contents. */
export interface Programs {
  /**
   * Installs a program, or finds the existing one. Incomplete folders are never used, and simultaneous installations of
   * the same program run once.
   *
   * @throws MainspringError PACKAGE_NOT_FOUND, VERSION_NOT_FOUND, INTEGRITY_MISMATCH, SOURCE_BUILD_REFUSED,
   * BUNDLE_REFUSED, PREREQUISITE_MISSING, DISK_FULL, INSTALL_FAILED; REGISTRY_UNREACHABLE is worth another try
   */
  install(request: InstallRequest, io: InstallIo): Promise<InstalledProgram>;
  /** Returns the newest version. */
  latest(source: ProgramSource, io: InstallIo): Promise<string>;
  /** Removes incomplete builds of dead processes. */
  sweep(): Promise<void>;
}

export interface ProgramsDeps extends ToolHost {
  /** The data directory. */
  home: string;
  locks: LockStore;
}

/** Opens the programs of a data directory. Any number of processes may install there. */
export function openPrograms({ home, ...host }: ProgramsDeps): Programs {
  const root = path.join(home, 'programs');
  // Lets tools find a uv that was installed into the data directory.
  const env = { ...host.env, MAINSPRING_HOME: home };
  const deps = { ...host, env, root, store: openProgramStore(root) };
  return {
    install: (request, io) => installProgram(deps, request, io),
    latest: (source, io) => latestVersion(deps, source, io),
    sweep: () => sweepPrograms(root),
  };
}
