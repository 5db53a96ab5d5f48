import { type TestReport } from '../servers/validation';
import { type Health, type ServerState } from '../states';
import { type InstallReport, isInstalled } from './installs';
import { type SkippedTest } from './setup-plan';

export const STEPS = ['install', 'test', 'monitor'] as const;
export type Step = (typeof STEPS)[number];

/** Observation of one server while it was watched. */
export interface Watched {
  name: string;
  state: ServerState;
  health: Health;
  /** Whether it was running and healthy all the time; null when it was stopped, so that nobody knows. */
  healthy: boolean | null;
  /** Changes meanwhile, as texts. */
  changes: string[];
}

/** Results of the steps of a setup; a step that was not requested, or not reached, is absent. */
export interface SetupResult {
  /** Servers that are not imported, because their names are taken. */
  conflicts: { name: string; reason: string }[];
  install?: { servers: InstallReport[]; reportFile: string };
  test?: TestReport & { skipped: SkippedTest[]; reportFile: string };
  monitor?: { seconds: number; servers: Watched[] };
  /** Step that was not begun, because the one before it failed. */
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
