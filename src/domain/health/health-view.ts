import { type CallStats } from '../calls/call-stats';
import { type HealthResult } from './health';
import { type ServerType } from '../spec';
import { type Health, type ServerState } from '../states';

/** One line of `health`. The members and their names are a contract. */
export interface HealthSummary {
  server: string;
  type: ServerType;
  state: ServerState;
  /** Whether it is meant to run now; then anything below DEGRADED is a failure. */
  shouldRun: boolean;
  health: Health;
  reason: string;
  /** When it came into its state. */
  sinceMs: number;
  uptimeMs: number | null;
  /** Milliseconds of the health checks. */
  latency: { lastMs: number | null; p50Ms: number | null; p95Ms: number | null };
  /** Of the whole process group. */
  rssBytes: number | null;
  /** Of one core. */
  cpuPercent: number | null;
  threads: number | null;
  inFlight: number | null;
  restarts: number;
  generation: number;
  host: string | null;
  tags: string[];
  /** Of the calls of the last hour. */
  calls: CallStats;
}

export interface HealthView extends HealthSummary {
  /** Calls that wait for it. */
  queued: number;
  /** The last rounds of checks, newest first. */
  results: HealthResult[];
}

const MEANT_TO_REST: ReadonlySet<ServerState> = new Set(['STOPPED', 'STOPPING', 'MAINTENANCE']);

/** ERROR and QUARANTINED are no rest: somebody wanted the server to run. */
export function shouldRun(state: ServerState, enabled: boolean): boolean {
  return enabled && !MEANT_TO_REST.has(state);
}

/** Whether the server is as it should be: healthy, degraded, or at rest because that was asked for. */
export function isFine({ shouldRun: should, health }: HealthSummary): boolean {
  return !should || health === 'HEALTHY' || health === 'DEGRADED';
}
