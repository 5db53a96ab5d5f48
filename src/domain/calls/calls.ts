import { type InputRequest, type CallOrigin } from './input-requests';
import { type ErrorClass } from './error-class';
import { type ErrorReport } from '../../base/errors';
import { type JsonObject } from '../../base/json';
import { type RpcErrorObject } from '../../base/jsonrpc';

/** Longest timeout that a call may ask for. */
export const MAX_CALL_TIMEOUT_MS = 24 * 3_600_000;
/** Of calls that wait for the same server; Temporal's own range. */
export const FIRST_PRIORITY = 1;
export const LAST_PRIORITY = 5;
export const DEFAULT_PRIORITY = 3;

/**
 * How a call ended. `failed` means that it did not run, so its key may be submitted again; `unknown` means
 * that it was sent and no answer came, so it never runs again.
 */
export type Outcome = 'ok' | 'tool_error' | 'failed' | 'cancelled' | 'unknown';

/** Which way a call went: through Temporal, straight to its host, or not at all because its result was known. */
export type CallPath = 'durable' | 'direct' | 'cached';

/** Input of activity `callTool`. */
export interface CallInput {
  callId: string;
  server: string;
  tool: string;
  args: JsonObject;
  /** sha256 of tool and canonical arguments: tells a repeated call from another one with the same key. */
  digest: string;
  /** Hash of the tool list that the arguments were validated against, if they were. */
  toolsHash?: string;
  timeoutMs: number;
  queueTimeoutMs: number;
  principal: string;
  correlationId: string;
  /** When it was handed to Temporal, by the clock of its caller; absent in direct calls. */
  submittedAtMs?: number;
  /** The client behind it, which the server may ask something meanwhile. */
  origin?: CallOrigin;
  /** `_meta` for the server: what the client sent, without what is between the client and Mainspring. */
  meta?: JsonObject;
  /** Its result was looked for in the cache, and was not there. */
  cacheMiss?: true;
}

/** How long a call took, in milliseconds; where it waited, apart from how often it was tried. */
export interface CallTiming {
  /** From submission to the first request to the server. */
  queuedMs: number;
  /** Requests that went to the server, those that it turned away included. */
  attempts?: number;
  /** From the first request to the last one: earlier attempts, and the pauses between them. Absent when there was one. */
  retriedMs?: number;
  /** From the last request to its answer. */
  ranMs: number;
}

/** The times alone of what has them among other members. */
export function timingOf({ queuedMs, attempts, retriedMs, ranMs }: CallTiming): CallTiming {
  return {
    queuedMs,
    ...(attempts !== undefined && { attempts }),
    ...(retriedMs !== undefined && { retriedMs }),
    ranMs,
  };
}

/** What activity `callTool` returns: the server answered. */
export interface CallAnswer extends CallTiming {
  outcome: 'ok' | 'tool_error';
  /** The MCP result as the server sent it, or a reference to it in the store. */
  result?: JsonObject;
  resultRef?: string;
  error?: ErrorReport;
  /** Set when the server answered with a JSON-RPC error; or a reference to it in the store. */
  rpcError?: RpcErrorObject;
  rpcErrorRef?: string;
  /** The answer was too large for Temporal and could not be stored: this is its beginning. */
  truncated?: true;
  digest: string;
}

/** Details of the failure that activity `callTool` throws. */
export interface CallFailureDetails extends CallTiming {
  outcome: 'failed' | 'cancelled' | 'unknown';
  digest: string;
  /** How a cancelled call ended: Temporal keeps the details of a cancellation, and not its message. */
  reason?: string;
  /** It comes from somebody who found the host dead: no host has put the call into the index. */
  hostLost?: true;
}

/** Whether a detail of a failure is what `callTool` puts there; failures of anybody else have none. */
export function isCallFailureDetails(value: unknown): value is CallFailureDetails {
  return value !== null && typeof value === 'object' && 'outcome' in value && 'digest' in value;
}

/** What a caller gets. */
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
  /** Only the beginning of what the server answered could be kept; `error` is RESULT_NOT_STORED. */
  truncated?: true;
  /** Absent: `durable`. */
  path?: CallPath;
}

/** Progress as the server reported it (MCP `notifications/progress`). */
export interface CallProgress {
  progress: number;
  total?: number;
  message?: string;
}

/** Requests that have gone to the server, those that it turned away included, and when the first one did. */
export interface CallTries {
  count: number;
  sinceMs: number;
}

/** Details of the heartbeats of activity `callTool`: what the caller sees of it, and what its next attempt goes on with. */
export interface CallHeartbeat {
  /** Attempts that have reached the server. */
  sent: number;
  /** The last attempt that `sent` accounts for; of calls that Temporal tries again in doubt. */
  upTo?: number;
  tries?: CallTries;
  progress?: CallProgress;
  /** What the server waits for from the client. */
  asks?: InputRequest[];
}

/** Whether the details of an attempt's last heartbeat are those of a call. */
export function isHeartbeat(value: unknown): value is CallHeartbeat {
  if (value === null || typeof value !== 'object') return false;
  return 'sent' in value && typeof value.sent === 'number';
}

/** One line of the call index: enough for `calls`, without arguments and results. */
export interface CallRecord extends Partial<CallTiming> {
  callId: string;
  server: string;
  tool: string;
  principal: string;
  correlationId: string;
  /** `queued` and `running` have no end yet. */
  status: 'queued' | 'running' | Outcome;
  submittedAtMs: number;
  endedAtMs?: number;
  host?: string;
  generation?: number;
  epoch?: number;
  error?: ErrorReport;
  errorClass?: ErrorClass;
  /** Absent: `durable`. */
  path?: CallPath;
  cacheMiss?: true;
}
