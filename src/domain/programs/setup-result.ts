import { type InstallReport, isInstalled } from '../../domain/programs/installs';
import { type SkippedTest } from '../../domain/programs/setup-plan';
import { type testReport } from '../commands/validate';
import { type Watched } from '../actions/watch-health';

export const STEPS = ['install', 'test', 'monitor'] as const;
export type Step = (typeof STEPS)[number];

/** What the steps of a setup came to; one that was not asked for, or not reached, is absent. */
export interface SetupResult {
  /** What is not imported, because others have taken its name. */
  conflicts: { name: string; reason: string }[];
  install?: { servers: InstallReport[]; reportFile: string };
  test?: ReturnType<typeof testReport> & { skipped: SkippedTest[]; reportFile: string };
  monitor?: { seconds: number; servers: Watched[] };
  /** The step that was not begun, because the one before it failed. */
  stoppedBefore?: Step;
}

export function isFine(result: SetupResult): boolean {
  const isComplete = result.stoppedBefore === undefined && result.conflicts.length === 0;
  return isComplete && isEveryStepFine(result);
}

export function isEveryStepFine({ install, test, monitor }: SetupResult): boolean {
  const isThere = install?.servers.every(isInstalled) ?? true;
  const wasHealthy = monitor?.servers.every(({ healthy }) => healthy !== false) ?? true;
  return isThere && (test?.passed ?? true) && wasHealthy;
}
