import { type InstallItem, isInstalled, type InstallReport } from './installs';

/** What the installation of many servers does next. */
export interface InstallStep {
  /** May start now. */
  start: InstallItem[];
  /** Never start, because something that they depend on is not there. */
  skip: { item: InstallItem; reason: string }[];
}

/** Starts as many as may run at once, those first that nothing else has to come before. */
export function nextInstalls(
  items: readonly InstallItem[],
  ended: ReadonlyMap<string, InstallReport>,
  running: ReadonlySet<string>,
  concurrency: number,
): InstallStep {
  const open = items.filter(({ input }) => !ended.has(input.name) && !running.has(input.name));
  const skip = open.flatMap((item) => {
    const missing = item.dependsOn.find((name) => {
      const report = ended.get(name);
      return report !== undefined && !isInstalled(report);
    });
    return missing === undefined ? [] : [{ item, reason: `"${missing}" was not installed` }];
  });
  const isSkipped = (item: InstallItem) => skip.some((skipped) => skipped.item === item);
  const known = new Set(items.map(({ input }) => input.name));
  const ready = open.filter(
    (item) =>
      !isSkipped(item) && item.dependsOn.every((name) => ended.has(name) || !known.has(name)),
  );
  return { start: ready.slice(0, Math.max(0, concurrency - running.size)), skip };
}

/** A chain of names in which each depends on the next and the last on the first; undefined when there is none. */
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
