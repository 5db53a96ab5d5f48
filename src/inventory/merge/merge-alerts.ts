import { canonicalJson } from '../../base/canonical-json';
import { MainspringError } from '../../base/errors';
import { type RecordedReceiver } from '../fields/alerts-field';
import { type ConfigFile } from '../config/config-file';
import { keepsPrevious } from '../config/config-parts';
import { type Inventory } from '../inventory';

export interface AlertConflict {
  name: string;
  error: MainspringError;
}

/**
 * Replaces the alert receivers that came from this config file: those no longer in the file are removed, invalid ones
 * keep their previous version. The first of two receivers with the same name wins.
 */
export function mergeAlerts(
  inventory: Inventory,
  { file, baseDir, alerts, leftOut }: Pick<ConfigFile, 'file' | 'baseDir' | 'alerts' | 'leftOut'>,
): { inventory: Inventory; conflicts: AlertConflict[] } {
  const before = inventory.alerts ?? [];
  const others = before.filter(
    ({ name, origin }) => origin !== file || keepsPrevious(leftOut, 'alerts', name),
  );
  const taken = new Map(others.map(({ name, origin }) => [name, origin ?? 'inventory.json']));
  const conflicts = alerts.flatMap(({ name }) => {
    const by = taken.get(name);
    return by === undefined ? [] : [{ name, error: nameTaken(name, by, file) }];
  });
  const own: RecordedReceiver[] = alerts
    .filter(({ name }) => !taken.has(name))
    .map((receiver) => ({ ...receiver, origin: file, baseDir }));
  const after = [...others, ...own];
  if (canonicalJson(after) === canonicalJson(before)) return { inventory, conflicts };
  return { inventory: { ...inventory, alerts: after }, conflicts };
}

function nameTaken(name: string, by: string, refusedFile: string): MainspringError {
  const message = `The alert receiver "${name}" already exists (from ${by}); the one from ${refusedFile} was not added.`;
  return new MainspringError('NAME_TAKEN', message, { fix: 'Rename one of them.' });
}
