import { canonicalJson } from '../../src/base/canonical-json';
import { type InstallRecorded, type RecordInstallInput } from '../../src/domain/programs/installs';
import { type ProgramPin } from '../../src/domain/programs/programs';
import { type ServerSpec } from '../../src/domain/spec';
import { changeRecords, updateInventory } from '../../src/inventory/inventory';
import { specOf } from '../../src/inventory/normalise';
import { programOf } from '../../src/inventory/programs/program-source';
import { signSpec } from '../../src/inventory/signature';
import { unpackLock } from '../../src/programs/lock-parcel';
import { type LockStore } from '../../src/store/store';
import { type ControlDeps } from '../deps';

/** Writes the pin of a server into the inventory, if the entry of the server still asks for that program. */
export async function recordInstall(
  { home, key }: Pick<ControlDeps, 'home' | 'key'>,
  { name, wish, pin }: RecordInstallInput,
): Promise<InstallRecorded> {
  let previous: ProgramPin | undefined;
  let isWanted = false;
  const { servers } = await updateInventory(home, (inventory) => {
    const record = inventory.servers[name];
    const source = record && programOf(record.entry, record.baseDir)?.source;
    isWanted = source !== undefined && canonicalJson(source) === canonicalJson(wish);
    if (!record || !isWanted) return inventory;
    const { installed, ...rest } = record;
    previous = installed?.pin;
    if (canonicalJson(previous ?? null) === canonicalJson(pin ?? null)) return inventory;
    const next = pin ? { ...rest, installed: { source: wish, pin, atMs: Date.now() } } : rest;
    return changeRecords(inventory, [name], () => next);
  });
  const record = servers[name];
  if (!isWanted || !record) return { previous };
  return { signed: signSpec(key, specOf(name, record)), previous };
}

/** Stores the lock of what a host has installed. */
export async function keepLock(
  locks: LockStore,
  { pin, lock }: Pick<RecordInstallInput, 'pin' | 'lock'>,
): Promise<void> {
  const text = pin?.lock && lock && unpackLock(pin.lock, lock);
  if (pin?.lock && text) await locks.put(pin.lock, text);
}

/** Returns the spec with this version of its program. */
export function withPin(spec: ServerSpec, pin: ProgramPin): ServerSpec {
  const { process } = spec;
  if (!process?.program) return spec;
  return { ...spec, process: { ...process, program: { ...process.program, pin } } };
}
