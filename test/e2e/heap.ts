import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fixture } from './instance';
import { until } from './until';

/** The environment of an instance whose processes say how large their heap is, each in a file of the folder. */
export function heapReports(folder: string): Record<string, string> {
  return { HEAP_REPORTS: folder, NODE_OPTIONS: `--require=${fixture('heap-reporter.js')}` };
}

/** What is left on the heap of such a process after a garbage collection. */
export async function heapBytes(folder: string, pid: number | undefined): Promise<number> {
  if (pid === undefined) throw new Error('there is no such process');
  const file = path.join(folder, String(pid));
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  return until('how large the heap is', () => numberIn(file));
}

function numberIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // not yet
  }
}
