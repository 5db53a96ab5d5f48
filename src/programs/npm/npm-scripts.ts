import { type InstallerIo } from '../installer';
import { npm, type NpmPlace, placeOf } from './npm-command';
import { type NpmLock, scriptedPackages } from './npm-lock';

/** Runs the install scripts of packages that have consent, and returns the names of the others that have some. */
export async function runAllowedScripts(
  lock: NpmLock,
  place: NpmPlace,
  allowScripts: readonly string[],
  io: InstallerIo,
): Promise<string[]> {
  const scripted = await scriptedPackages(lock, placeOf(place));
  const allowed = scripted.filter((name) => allowScripts.includes(name));
  if (allowed.length > 0) {
    io.onStep(`running the install scripts of ${allowed.join(', ')}`);
    // Consent was asked for here already, and of the packages named, only.
    const flags = ['--foreground-scripts', '--strict-allow-scripts=false', '--'];
    await npm(io, ['rebuild', ...flags, ...allowed], { ...place, scripts: true });
  }
  return scripted.filter((name) => !allowScripts.includes(name));
}
