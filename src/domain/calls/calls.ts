import { type InputRequest, type CallOrigin } from './input-requests';
import { type ErrorClass } from './error-class';
import { type ErrorReport } from '../../base/errors';
import { type JsonObject } from '../../base/json';
import { type RpcErrorObject } from '../../base/jsonrpc';

/** Longest timeout that a call may request. */
export const MAX_CALL_TIMEOUT_MS = 24 * 3_600_000;
/** Range of priorities of calls that wait for the same server; it is Temporal's own. */
export const FIRST_PRIORITY = 1;
export const LAST_PRIORITY = 5;
export const DEFAULT_PRIORITY = 3;

/**
 * Outcome of a call. `failed` means that it did not run, so its key may be submitted again; `unknown` means that it was
 * sent and no answer came, so it never runs again.
 */
export type Outcome = 'ok' | 'tool_error' | 'failed' | 'cancelled' | 'unknown';

/** Path of a call: through Temporal, directly to its host, or neither because its result was in the cache. */
export type CallPath = 'durable' | 'direct' | 'cached';

/** Input of activity `callTool`. */
export interface CallInput {
  callId: string;
  server: string;
  tool: string;
  args: JsonObject;
  /** sha256 of tool and canonical arguments: distinguishes a repeated call from another one with the same key. */
  digest: string;
  /** Hash of the tool list that the arguments were validated against, if they were. */
  toolsHash?: string;
  timeoutMs: number;
  queueTimeoutMs: number;
  principal: string;
  correlationId: string;
  /** Time at which it was handed to Temporal, in ms by the clock of its caller; absent in direct calls. */
  submittedAtMs?: number;
  /** Client behind it, to which the server may send requests meanwhile. */
  origin?: CallOrigin;
  /** `_meta` for the server: what the client sent, without the entries between the client and Mainspring. */
  meta?: JsonObject;
  /** Set when its result was looked up in the cache and not found. */
  cacheMiss?: true;
}

/** Durations of a call in milliseconds, with waiting apart from retries. */
export interface CallTiming {
  /** Time from submission to the first request to the server. */
  queuedMs: number;
  /** Requests sent to the server, including those that it turned away. */
  attempts?: number;
  /** Time from the first request to the last one: earlier attempts, and the pauses between them. Absent when there was one. */
  retriedMs?: number;
  /** Time from the last request to its answer. */
  ranMs: number;
}

/** Picks the durations from a value with other members. */
export function timingOf({ queuedMs, attempts, retriedMs, ranMs }: CallTiming): CallTiming {
  return {
    queuedMs,
    ...(attempts !== undefined && { attempts }),
    ...(retriedMs !== undefined && { retriedMs }),
    ranMs,
  };
}

/** Result of activity `callTool`: the server answered. */
export interface CallAnswer extends CallTiming {
  outcome: 'ok' | 'tool_error';
  /** MCP result as the server sent it, or a reference to it in the store. */
  result?: JsonObject;
  resultRef?: string;
  error?: ErrorReport;
  /** Set when the server answered with a JSON-RPC error; or a reference to it in the store. */
  rpcError?: RpcErrorObject;
  rpcErrorRef?: string;
  /** Set when the answer was too large for Temporal and could not be stored: this is its beginning. */
  truncated?: true;
  digest: string;
}

/** Details of the failure that activity `callTool` throws. */
export interface CallFailureDetails extends CallTiming {
  outcome: 'failed' | 'cancelled' | 'unknown';
  digest: string;
  /** Reason of a cancelled call: Temporal keeps the details of a cancellation, but not its message. */
  reason?: string;
  /** Set by a process that found the host dead: no host has added the call to the index. */
  hostLost?: true;
}

/** Whether a detail of a failure was written by `callTool`; other failures have none. */
export function isCallFailureDetails(value: unknown): value is CallFailureDetails {
  return value !== null && typeof value === 'object' && 'outcome' in value && 'digest' in value;
}

/** Outcome as a caller gets it. */
export interface CallOutcome extends CallTiming {
  callId: string;
  correlationId: string;
  server: string;
  tool: string;
  outcome: Outcome;
  result?: JsonObject;
  error?: ErrorReport;
  /** Set when the server answered with a JSON-RPC error. */
  rpcError?: RpcErrorObject;
  /** Set when only the beginning of the server's answer could be kept; `error` is RESULT_NOT_STORED. */
  truncated?: true;
  /** Defaults to `durable`. */
  path?: CallPath;
}

/** Progress as the server reported it (MCP `notifications/progress`). */
export interface CallProgress {
  progress: number;
  total?: number;
  message?: string;
}

/** Requests sent to the server, including those that it turned away, and the time of the first one. */
export interface CallTries {
  count: number;
  sinceMs: number;
}

/** Heartbeat details of activity `callTool`: what the caller sees, and where the next attempt continues. */
export interface CallHeartbeat {
  /** Attempts that have reached the server. */
  sent: number;
  /** Last attempt that `sent` accounts for; only of calls that Temporal retries in doubt. */
  upTo?: number;
  tries?: CallTries;
  progress?: CallProgress;
  /** Requests of the server that wait for the client. */
  asks?: InputRequest[];
}

/** Whether the details of an attempt's last heartbeat are those of a call. */
export function isHeartbeat(value: unknown): value is CallHeartbeat {
  if (value === null || typeof value !== 'object') return false;
  return 'sent' in value && typeof value.sent === 'number';
}

/** Entry of the call index: enough for `calls`, without arguments and results. */
export interface CallRecord extends Partial<CallTiming> {
  callId: string;
  server: string;
  tool: string;
  principal: string;
  correlationId: string;
  /** `queued` and `running` calls have not ended yet. */
  status: 'queued' | 'running' | Outcome;
  submittedAtMs: number;
  endedAtMs?: number;
  host?: string;
  generation?: number;
  epoch?: number;
  error?: ErrorReport;
  errorClass?: ErrorClass;
  /** Defaults to `durable`. */
  path?: CallPath;
  cacheMiss?: true;
}
