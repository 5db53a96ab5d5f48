import { type Health } from '../states';
import { type JsonObject } from '../../base/json';

export const PING_TIMEOUT_MS = 5_000;

/** Check of whether a server is well. */
export type HealthCheck = {
  /** Defaults to the kind. */
  name?: string;
  /** Defaults to that of the policy. */
  timeoutMs?: number;
  /** Time above which an answer counts as slow, and the server as DEGRADED. */
  slowMs?: number;
  /** Makes the server DEGRADED at most when the check fails: its failure is no reason for a restart. */
  advisory?: boolean;
} & (
  | { kind: 'ping' }
  /** Lists the tools; fails when there are none and there were some. */
  | { kind: 'tools' }
  /** Calls a tool that is safe to call at any time. `expect`: text in its answer; `schema`: JSON Schema of its result. */
  | { kind: 'tool'; tool: string; arguments: JsonObject; expect?: string; schema?: JsonObject }
  /** Requires an HTTP response below 500, or exactly `status`. Defaults to the server's own URL. */
  | { kind: 'http'; url?: string; port?: number; status?: number }
  /** Requires that it is alive, and within `memoryMb` and `cpuPercent` (of one core) if they are given. */
  | { kind: 'process'; memoryMb?: number; cpuPercent?: number }
  /** Runs a command that exits with 0 when the server is well. It runs on the host, with the server's environment. */
  | { kind: 'command'; command: string; args: string[] }
  /** Calls the default export of a JavaScript file on the host, in a separate process; it throws when the server is not well. */
  | { kind: 'module'; path: string }
);

export type HealthCheckKind = HealthCheck['kind'];

/** Numbers of consecutive rounds that change the health. */
export interface HealthThresholds {
  /** Failed rounds until DEGRADED. */
  degraded: number;
  /** Failed rounds until UNHEALTHY. */
  unhealthy: number;
  /** UNHEALTHY rounds until the server is restarted, if its restart policy allows; 0 never. */
  restart: number;
  /** Passed rounds until HEALTHY again. */
  recovered: number;
}

export interface HealthPolicy {
  /** Time between two rounds, ± jitter. */
  intervalMs: number;
  timeoutMs: number;
  checks: HealthCheck[];
  thresholds: HealthThresholds;
}

/** Health settings of a spec; the defaults depend on the kind of server. */
export type HealthSpec = Partial<Omit<HealthPolicy, 'thresholds'>> & {
  thresholds?: Partial<HealthThresholds>;
};

/** Result of one check in one round. */
export interface CheckResult {
  name: string;
  kind: HealthCheckKind;
  advisory?: boolean;
  /** Set when MCP leaves the answer to the server: a failure means nothing while the server answers otherwise. */
  optional?: boolean;
  status: 'passed' | 'slow' | 'failed';
  /** Absent when no answer came. */
  latencyMs?: number;
  message?: string;
}

/** Result of one round of checks, with the resulting health of the server. */
export interface HealthResult {
  server: string;
  atMs: number;
  health: Health;
  reason: string;
  checks: CheckResult[];
  /** Latency of the ping, or of the first check that was answered. */
  latencyMs?: number;
  rssBytes?: number;
  /** Share of one core, since the previous round. */
  cpuPercent?: number;
  threads?: number;
  inFlight: number;
  host: string;
  generation: number;
  /** Set when requested by hand (`health --now`); it changes nothing. */
  onDemand?: boolean;
}
