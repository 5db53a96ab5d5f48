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
  /** Workflow id of the entity that is told what happens. */
  entityId: string;
  /** Which of the sessions that share the queue; 0, the first, is left out. */
  replica?: number;
  /** What holds for the server when the session begins. */
  isolation?: Isolation;
}

/** The server answers. Sent after every (re)start of the child. */
export interface SessionReady extends Owner {
  /** Process id of the child; absent for a server that is only connected to. */
  pid?: number;
  restarts: number;
  toolsHash: string;
  tools: number;
  serverInfo: { name: string; version: string };
  protocolVersion: string;
  reason: string;
  /** The version of `Isolation` that this owner goes by; absent for 0. */
  isolationVersion?: number;
}

/** The child is down and will be restarted by the same owner. */
export interface SessionBackoff extends Owner {
  restarts: number;
  error: ErrorReport;
  delayMs: number;
}

/** The session changes hands: given up by a draining host (`moving`) or taken by a new one (`taken`). */
export interface SessionMoved extends Owner {
  phase: 'moving' | 'taken';
  reason: string;
}

export interface SessionHealth extends Owner {
  health: Health;
  reason: string;
}

/** The session is over. */
export interface SessionExited {
  generation: number;
  /** 0 is left out. */
  replica?: number;
  /**
   * `stopped` was asked for; `failed` never came up, or fails for good; `crash-loop` spent the restart
   * budget; `completed` exited and its policy says not to restart it; `gone` was ended from outside.
   */
  kind: 'stopped' | 'failed' | 'crash-loop' | 'completed' | 'gone';
  error?: ErrorReport;
}

/** Details of the heartbeats of `runServer`: what `status` and `list` show of a living server. */
export interface SessionHeartbeat extends Owner {
  pid?: number;
  restarts: number;
  upSinceMs?: number;
  rssBytes?: number;
  cpuSeconds?: number;
  inFlight: number;
  /** Calls that are being tried again; absent for 0. */
  retrying?: number;
  latencyMs?: number;
  lastPingAtMs?: number;
  health: Health;
  healthReason?: string;
  /** Of the last rounds of health checks. */
  latencyP50Ms?: number;
  latencyP95Ms?: number;
  /** Of one core, since the round of health checks before. */
  cpuPercent?: number;
  threads?: number;
  /** What the next owner goes on with. */
  isolation?: Isolation;
  /** The spec that a reload has brought in this session: the next owner starts with it. */
  replacedBy?: SignedSpec;
  /** It has answered in this session: the next owner goes on trying to reach a remote server that is away. */
  hasBeenReady?: boolean;
  /** The last host on which it has answered in this session. */
  answeredOn?: string;
  /** Since this owner first started it; absent until then. */
  launchedForMs?: number;
  /** How the owners before this one have ended. */
  hostLosses?: HostLosses;
}

/** Replaces the child of a living session, on the control queue of its server. */
export interface ReplaceChildInput {
  generation: number;
  signed: SignedSpec;
  reason: string;
}

/** First detail of a failed `replaceChild` whose old child was left running. */
export const REPLACE_REFUSED = 'refused';
