import { memoryExcess } from '../../../src/domain/health/memory-limit';
import { isGroupAlive } from '../../../src/process/group-liveness';
import { type CheckOf, type Finding, type Subject } from './subject';

/** Checks whether the process lives and stays within its limits, as far as this system reports them. */
export async function checkProcess(
  { memoryMb, cpuPercent }: CheckOf<'process'>,
  { serving, usage }: Subject,
): Finding {
  const { pid } = serving.connection;
  if (pid === undefined) return 'no process on this host';
  if (!isGroupAlive(pid)) return 'the process has exited';
  if (!usage) return undefined;
  if (usage.isSuspended) return 'the process is suspended (SIGSTOP)';
  const limit = memoryMb ?? serving.spec.limits.memoryMb;
  const excess = memoryExcess({ memoryMb: limit }, usage.rssBytes);
  if (excess !== undefined) return excess;
  if (cpuPercent !== undefined && usage.cpuPercent !== undefined && usage.cpuPercent > cpuPercent) {
    return `uses ${usage.cpuPercent} % of a core, more than ${cpuPercent} %`;
  }
  return undefined;
}
