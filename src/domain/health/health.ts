import { type Health } from '../states';
import { type JsonObject } from '../../base/json';

export const PING_TIMEOUT_MS = 5_000;

/** One way of finding out whether a server is well. */
export type HealthCheck = {
  /** Default the kind. */
  name?: string;
  /** Default that of the policy. */
  timeoutMs?: number;
  /** An answer that takes longer counts as slow, and the server as DEGRADED. */
  slowMs?: number;
  /** Its failure makes the server DEGRADED at most: it is no reason to restart it. */
  advisory?: boolean;
} & (
  | { kind: 'ping' }
  /** Lists the tools; none where there were some is a failure. */
  | { kind: 'tools' }
  /** Calls a tool that is safe to call at any time. `expect`: text in its answer; `schema`: JSON Schema of its result. */
  | { kind: 'tool'; tool: string; arguments: JsonObject; expect?: string; schema?: JsonObject }
  /** An HTTP answer below 500; `status` wants exactly that one. Default the server's own URL. */
  | { kind: 'http'; url?: string; port?: number; status?: number }
  /** It is alive, and within `memoryMb` and `cpuPercent` (of one core) if they are given. */
  | { kind: 'process'; memoryMb?: number; cpuPercent?: number }
  /** Exits with 0 when the server is well. Runs on the host, with the server's environment. */
  | { kind: 'command'; command: string; args: string[] }
  /** A JavaScript file whose default export is called on the host, in a process of its own, and throws when the server is not well. */
  | { kind: 'module'; path: string }
);

export type HealthCheckKind = HealthCheck['kind'];

/** How many rounds in a row it takes. */
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
  /** Between two rounds, ± jitter. */
  intervalMs: number;
  timeoutMs: number;
  checks: HealthCheck[];
  thresholds: HealthThresholds;
}

/** What a spec says about health; what it leaves out has defaults that depend on the kind of server. */
export type HealthSpec = Partial<Omit<HealthPolicy, 'thresholds'>> & {
  thresholds?: Partial<HealthThresholds>;
};

/** What one check of one round found. */
export interface CheckResult {
  name: string;
  kind: HealthCheckKind;
  advisory?: boolean;
  /** MCP leaves the answer to the server: a failure says nothing while the server answers otherwise. */
  optional?: boolean;
  status: 'passed' | 'slow' | 'failed';
  /** Absent when it did not get that far. */
  latencyMs?: number;
  message?: string;
}

/** One round of checks, and what the server counts as after it. */
export interface HealthResult {
  server: string;
  atMs: number;
  health: Health;
  reason: string;
  checks: CheckResult[];
  /** Of the answer to the ping, or of the first check that was answered. */
  latencyMs?: number;
  rssBytes?: number;
  /** Of one core, since the round before. */
  cpuPercent?: number;
  threads?: number;
  inFlight: number;
  host: string;
  generation: number;
  /** By hand (`health --now`); it changes nothing. */
  onDemand?: boolean;
}
