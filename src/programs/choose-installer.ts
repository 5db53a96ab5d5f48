import { type ProgramPin, type ProgramSource } from '../domain/programs/programs';
import { dockerInstaller } from './docker/docker';
import { type Installed, type Installer, type InstallerIo, type InstallTarget } from './installer';
import { bundleInstaller } from './bundle/mcpb';
import { nodeProjectInstaller } from './npm/node-project';
import { npmInstaller } from './npm/npm';
import { pypiInstaller } from './python/pypi';
import { pythonProjectInstaller } from './python/python-project';

/** An installer bound to its source. */
export interface BoundInstaller {
  install(
    wish: Omit<InstallTarget<ProgramSource>, 'source'>,
    folder: string,
    io: InstallerIo,
  ): Promise<Installed>;
  latest(io: InstallerIo): Promise<string>;
  isCurrent(pin: ProgramPin): Promise<boolean>;
}

/** Returns the installer of a source. */
export function installerOf(source: ProgramSource): BoundInstaller {
  switch (source.method) {
    case 'npm':
      return bind(npmInstaller, source);
    case 'mcpb':
      return bind(bundleInstaller, source);
    case 'node-project':
      return bind(nodeProjectInstaller, source);
    case 'pypi':
      return bind(pypiInstaller, source);
    case 'python-project':
      return bind(pythonProjectInstaller, source);
    case 'docker':
      return bind(dockerInstaller, source);
  }
}

function bind<Source extends ProgramSource>(
  installer: Installer<Source>,
  source: Source,
): BoundInstaller {
  return {
    install: (wish, folder, io) => installer.install({ ...wish, source }, folder, io),
    latest: (io) => installer.latest(source, io),
    isCurrent: async (pin) => (await installer.isCurrent?.(source, pin)) ?? true,
  };
}
