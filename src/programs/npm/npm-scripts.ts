import { type InstallerIo } from '../installer';
import { npm, type NpmLocation, folderOf } from './npm-command';
import { type NpmLock, scriptedPackages } from './npm-lock';

/** Runs the install scripts of packages with consent; returns the names of the other packages that have scripts. */
export async function runAllowedScripts(
  lock: NpmLock,
  location: NpmLocation,
  allowScripts: readonly string[],
  io: InstallerIo,
): Promise<string[]> {
  const scripted = await scriptedPackages(lock, folderOf(location));
  const allowed = scripted.filter((name) => allowScripts.includes(name));
  if (allowed.length > 0) {
    io.onStep(`running the install scripts of ${allowed.join(', ')}`);
    // npm's own consent is skipped: the user has already given it, for exactly these packages.
    const flags = ['--foreground-scripts', '--strict-allow-scripts=false', '--'];
    await npm(io, ['rebuild', ...flags, ...allowed], { ...location, scripts: true });
  }
  return scripted.filter((name) => !allowScripts.includes(name));
}
