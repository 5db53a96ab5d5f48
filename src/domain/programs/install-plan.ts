import { type InstallItem, isInstalled, type InstallReport, programOfSpec } from './installs';
import { needsInstall } from './programs';

/** Next step of the installation of many servers. */
export interface InstallPlan {
  /** Items that may start now. */
  start: InstallItem[];
  /** Items that never start, because a dependency is missing. */
  skip: { item: InstallItem; reason: string }[];
}

/** Rules of an installation of many servers. `keepsInstalled` is false only where an older version has decided otherwise. */
export interface InstallRules {
  concurrency: number;
  /** Whether what was installed before counts as installed, however this installation ends. */
  keepsInstalled: boolean;
}

/** Decides which items start: as many as may run at once, and only those whose dependencies have ended. */
export function nextInstalls(
  items: readonly InstallItem[],
  ended: ReadonlyMap<string, InstallReport>,
  running: ReadonlySet<string>,
  { concurrency, keepsInstalled }: InstallRules,
): InstallPlan {
  const pending = items.filter(({ input }) => !ended.has(input.name) && !running.has(input.name));
  const installed = new Set(
    items.filter((item) => keepsInstalled && wasInstalled(item)).map(({ input }) => input.name),
  );
  const skip = pending.flatMap((item) => {
    if (installed.has(item.input.name)) return [];
    const missing = item.dependsOn
      .map((name) => ended.get(name))
      .find((report) => report && !isInstalled(report) && !installed.has(report.server));
    return missing === undefined ? [] : [{ item, reason: reasonOf(missing) }];
  });
  const isSkipped = (item: InstallItem) => skip.some((skipped) => skipped.item === item);
  const names = new Set(items.map(({ input }) => input.name));
  const ready = pending.filter(
    (item) =>
      !isSkipped(item) && item.dependsOn.every((name) => ended.has(name) || !names.has(name)),
  );
  return { start: ready.slice(0, Math.max(0, concurrency - running.size)), skip };
}

function wasInstalled({ input }: InstallItem): boolean {
  return !needsInstall(programOfSpec(input.signed));
}

/** Names the root cause, not what was skipped itself. */
function reasonOf({ server, status, detail }: InstallReport): string {
  return status === 'skipped' ? detail : `"${server}" was not installed`;
}

/** Returns a chain of names in which each depends on the next and the last on the first; undefined when there is none. */
export function findCycle(
  dependencies: ReadonlyMap<string, readonly string[]>,
): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    done.add(name);
    for (const next of dependencies.get(name) ?? []) {
      const cycle = visit(next, [...path, name]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  for (const name of dependencies.keys()) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}
