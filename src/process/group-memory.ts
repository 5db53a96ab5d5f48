import { processIds, readProcessStat } from './proc';
import { processStats } from './process-stats';

/** Returns the resident memory of all processes of a group, in bytes; undefined when none is left or there is no /proc. */
export function groupMemory(pgid: number): number | undefined {
  const members = processIds().filter((pid) => readProcessStat(pid)?.group === pgid);
  const sizes = members.map((pid) => processStats(pid)?.rssBytes ?? 0);
  return sizes.length > 0 ? sizes.reduce((sum, bytes) => sum + bytes, 0) : undefined;
}
