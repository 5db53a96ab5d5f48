import { canonicalJson } from '../../base/canonical-json';
import { MainspringError } from '../../base/errors';
import { type ConfigFile } from '../config/config-file';
import { keepsPrevious } from '../config/config-parts';
import { type Inventory } from '../inventory';
import { type Profile } from '../fields/profile-field';

export interface ProfileConflict {
  name: string;
  error: MainspringError;
}

/**
 * Replaces the profiles that came from this config file: those no longer in the file are removed, invalid ones keep
 * their previous version. The first of two profiles with the same name wins.
 */
export function mergeProfiles(
  inventory: Inventory,
  { file, profiles, leftOut }: Pick<ConfigFile, 'file' | 'profiles' | 'leftOut'>,
): { inventory: Inventory; conflicts: ProfileConflict[] } {
  const before = Object.entries(inventory.profiles ?? {});
  const others = before.filter(
    ([name, { origin }]) => origin !== file || keepsPrevious(leftOut, 'profiles', name),
  );
  const taken = new Map(others.map(([name, { origin }]) => [name, origin ?? 'an agent']));
  const written = Object.entries(profiles);
  const conflicts = written.flatMap(([name]) => {
    const by = taken.get(name);
    return by === undefined ? [] : [{ name, error: nameTaken(name, by, file) }];
  });
  const own = written
    .filter(([name]) => !taken.has(name))
    .map(([name, profile]): [string, Profile] => [name, { ...profile, origin: file }]);
  const after = Object.fromEntries([...others, ...own]);
  if (canonicalJson(after) === canonicalJson(inventory.profiles ?? {})) {
    return { inventory, conflicts };
  }
  return { inventory: { ...inventory, profiles: after }, conflicts };
}

function nameTaken(name: string, by: string, refusedFile: string): MainspringError {
  const message = `The profile "${name}" already exists (from ${by}); the one from ${refusedFile} was not added.`;
  return new MainspringError('NAME_TAKEN', message, { fix: 'Rename one of them.' });
}
