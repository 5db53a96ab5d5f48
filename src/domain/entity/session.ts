import { type ErrorReport } from '../../base/errors';
import { type HostLosses } from '../hosts/host-losses';
import { type Isolation } from '../isolation/isolation';
import { type Health } from '../states';
import { type Owner } from './owner';
import { type SignedSpec } from '../trust/signed-spec';

/** Input of workflow `mcpSession` and of its activity `runServer`. */
export interface SessionInput {
  name: string;
  generation: number;
  signed: SignedSpec;
  /** Workflow ID of the entity that is notified of changes. */
  entityId: string;
  /** Number among the sessions that share the queue; absent for 0, the first. */
  replica?: number;
  /** Isolation of the server when the session begins. */
  isolation?: Isolation;
}

/** Message that the server is ready. Sent after every (re)start of the child. */
export interface SessionReady extends Owner {
  /** Process ID of the child; absent for a server that is only connected to. */
  pid?: number;
  restarts: number;
  toolsHash: string;
  tools: number;
  serverInfo: { name: string; version: string };
  protocolVersion: string;
  reason: string;
  /** Version of `Isolation` that this owner applies; absent for 0. */
  isolationVersion?: number;
}

/** Message that the child is down and will be restarted by the same owner. */
export interface SessionBackoff extends Owner {
  restarts: number;
  error: ErrorReport;
  delayMs: number;
}

/** Message that the session changes hands: released by a draining host (`moving`) or taken by a new one (`taken`). */
export interface SessionMoved extends Owner {
  phase: 'moving' | 'taken';
  reason: string;
}

export interface SessionHealth extends Owner {
  health: Health;
  reason: string;
}

/** Message that the session is over. */
export interface SessionExited {
  generation: number;
  /** Absent for 0. */
  replica?: number;
  /**
   * `stopped` was requested; `failed` never came up, or fails for good; `crash-loop` spent the restart budget;
   * `completed` exited and its policy forbids a restart; `gone` was ended from outside.
   */
  kind: 'stopped' | 'failed' | 'crash-loop' | 'completed' | 'gone';
  error?: ErrorReport;
}

/** Heartbeat details of `runServer`: what `status` and `list` show of a running server. */
export interface SessionHeartbeat extends Owner {
  pid?: number;
  restarts: number;
  upSinceMs?: number;
  rssBytes?: number;
  cpuSeconds?: number;
  inFlight: number;
  /** Calls that are being retried; absent for 0. */
  retrying?: number;
  latencyMs?: number;
  lastPingAtMs?: number;
  health: Health;
  healthReason?: string;
  /** Latency of the last rounds of health checks. */
  latencyP50Ms?: number;
  latencyP95Ms?: number;
  /** Share of one core, since the previous round of health checks. */
  cpuPercent?: number;
  threads?: number;
  /** Isolation that the next owner starts with. */
  isolation?: Isolation;
  /** Spec that a reload has brought in this session: the next owner starts with it. */
  replacedBy?: SignedSpec;
  /** Whether it has been ready in this session: then the next owner keeps trying to reach a remote server that is away. */
  hasBeenReady?: boolean;
  /** Last host on which it was ready in this session. */
  answeredOn?: string;
  /** Time since this owner first started it; absent until then. */
  launchedForMs?: number;
  /** Record of how the previous owners ended. */
  hostLosses?: HostLosses;
}

/** Replaces the child of a live session, on the control queue of its server. */
export interface ReplaceChildInput {
  generation: number;
  signed: SignedSpec;
  reason: string;
}

/** First detail of a failed `replaceChild` whose old child was left running. */
export const REPLACE_REFUSED = 'refused';
