import { canonicalJson } from '../../base/canonical-json';
import { MainspringError } from '../../base/errors';
import { type ConfigFile } from '../config/config-file';
import { type RecordedGateway } from '../fields/gateway-field';
import { type Inventory } from '../inventory';

export interface KeyConflict {
  name: string;
  error: MainspringError;
}

/** Replaces the gateway rules that came from this config file. The first of two keys with the same name wins. */
export function mergeGateway(
  inventory: Inventory,
  { file, baseDir, gateway }: Pick<ConfigFile, 'file' | 'baseDir' | 'gateway'>,
): { inventory: Inventory; conflicts: KeyConflict[] } {
  const before = inventory.gateway ?? [];
  const others = before.filter(({ origin }) => origin !== file);
  const taken = new Map(
    others.flatMap(({ origin, keys = {} }) => Object.keys(keys).map((name) => [name, origin])),
  );
  const { keys = {}, ...rest } = gateway ?? {};
  const conflicts = Object.keys(keys).flatMap((name) => {
    const by = taken.get(name);
    return by === undefined ? [] : [{ name, error: nameTaken(name, by, file) }];
  });
  const ownKeys = Object.fromEntries(Object.entries(keys).filter(([name]) => !taken.has(name)));
  const own: RecordedGateway = { ...rest, keys: ownKeys, origin: file, baseDir };
  const after = gateway ? [...others, own] : others;
  if (canonicalJson(after) === canonicalJson(before)) return { inventory, conflicts };
  return { inventory: { ...inventory, gateway: after }, conflicts };
}

function nameTaken(name: string, by: string, refusedFile: string): MainspringError {
  const message = `The gateway key "${name}" already exists (from ${by}); the one from ${refusedFile} was not added.`;
  return new MainspringError('NAME_TAKEN', message, { fix: 'Rename one of them.' });
}
