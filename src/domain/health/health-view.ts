import { type CallStats } from '../calls/call-stats';
import { type HealthResult } from './health';
import { type ServerType } from '../spec';
import { type Health, type ServerState } from '../states';

/** Entry of `health`. The members and their names are a contract. */
export interface HealthSummary {
  server: string;
  type: ServerType;
  state: ServerState;
  /** Whether it is meant to run now; then anything below DEGRADED is a failure. */
  shouldRun: boolean;
  health: Health;
  reason: string;
  /** Time at which it entered its state, in ms. */
  sinceMs: number;
  uptimeMs: number | null;
  /** Latency of the health checks in milliseconds. */
  latency: { lastMs: number | null; p50Ms: number | null; p95Ms: number | null };
  /** Memory of the whole process group. */
  rssBytes: number | null;
  /** Share of one core. */
  cpuPercent: number | null;
  threads: number | null;
  inFlight: number | null;
  restarts: number;
  generation: number;
  host: string | null;
  tags: string[];
  /** Figures of the calls of the last hour. */
  calls: CallStats;
}

export interface HealthView extends HealthSummary {
  /** Calls that wait in its queue. */
  queued: number;
  /** Last rounds of checks, newest first. */
  results: HealthResult[];
}

const MEANT_TO_REST: ReadonlySet<ServerState> = new Set(['STOPPED', 'STOPPING', 'MAINTENANCE']);

/** Whether a server is meant to run. ERROR and QUARANTINED count: it was meant to run before. */
export function shouldRun(state: ServerState, enabled: boolean): boolean {
  return enabled && !MEANT_TO_REST.has(state);
}

/** Whether the server is as it should be: healthy, degraded, or stopped on request. */
export function isFine({ shouldRun: should, health }: HealthSummary): boolean {
  return !should || health === 'HEALTHY' || health === 'DEGRADED';
}
