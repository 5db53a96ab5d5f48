import { canonicalJson } from '../../base/canonical-json';
import { type MainspringError } from '../../base/errors';
import { type ConfigFile } from '../config/config-file';
import { type Inventory } from '../inventory';
import { mergeServers, type MergeOptions, type ServerChange } from './merge';
import { mergeAlerts } from './merge-alerts';
import { mergeGateway } from './merge-gateway';
import { mergeProfiles } from './merge-profiles';

/** Kinds of parts of a config besides servers. */
type PartKind = 'profile' | 'alert receiver' | 'gateway key' | 'gateway';

/** Effect of a file on such a part; `dropped`: no longer in the file, and removed from the inventory. */
type PartChange = { kind: PartKind; name: string } & (
  | { change: 'added' | 'changed' | 'unchanged' | 'dropped' }
  | { change: 'conflict'; error: MainspringError }
);

export type ConfigChange = ServerChange | PartChange;

/** Merges all parts of a config file; returns the change to each of them. */
export function mergeFile(
  inventory: Inventory,
  config: ConfigFile,
  nowMs: number,
  options: MergeOptions = {},
): { inventory: Inventory; changes: ConfigChange[] } {
  const servers = mergeServers(inventory, config, nowMs, options);
  const alerts = mergeAlerts(servers.inventory, config);
  const profiles = mergeProfiles(alerts.inventory, config);
  const gateway = mergeGateway(profiles.inventory, config);
  const conflicts = [
    ...alerts.conflicts.map((conflict) => refused('alert receiver', conflict)),
    ...profiles.conflicts.map((conflict) => refused('profile', conflict)),
    ...gateway.conflicts.map((conflict) => refused('gateway key', conflict)),
  ];
  const changed = changesOf(
    partsOf(inventory, config.file),
    partsOf(gateway.inventory, config.file),
  );
  return { inventory: gateway.inventory, changes: [...servers.changes, ...changed, ...conflicts] };
}

function refused(
  kind: PartKind,
  { name, error }: { name: string; error: MainspringError },
): PartChange {
  return { kind, name, change: 'conflict', error };
}

interface Part {
  kind: PartKind;
  name: string;
  content: string;
}

/** Parts in the inventory, besides servers, that came from a file. */
function partsOf({ alerts = [], profiles = {}, gateway = [] }: Inventory, file: string): Part[] {
  const part = (kind: PartKind, name: string, value: unknown): Part => ({
    kind,
    name,
    content: canonicalJson(value),
  });
  const isOfFile = ({ origin }: { origin?: string | undefined }) => origin === file;
  return [
    ...alerts.filter(isOfFile).map((receiver) => part('alert receiver', receiver.name, receiver)),
    ...Object.entries(profiles)
      .filter(([, profile]) => isOfFile(profile))
      .map(([name, profile]) => part('profile', name, profile)),
    ...gateway
      .filter(isOfFile)
      .flatMap(({ keys = {}, origin: _file, baseDir: _folder, ...settings }) => [
        ...Object.entries(keys).map(([name, key]) => part('gateway key', name, key)),
        ...Object.entries(settings).map(([name, value]) => part('gateway', name, value)),
      ]),
  ];
}

function changesOf(before: readonly Part[], after: readonly Part[]): PartChange[] {
  const isSame = (a: Part) => (b: Part) => a.kind === b.kind && a.name === b.name;
  const now = after.map((part): PartChange => {
    const old = before.find(isSame(part));
    const change =
      old === undefined ? 'added' : old.content === part.content ? 'unchanged' : 'changed';
    return { kind: part.kind, name: part.name, change };
  });
  const dropped = before.filter((part) => !after.some(isSame(part)));
  return [
    ...now,
    ...dropped.map(({ kind, name }): PartChange => ({ kind, name, change: 'dropped' })),
  ];
}
