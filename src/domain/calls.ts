import { type Ask, type CallOrigin } from './asks';
import { type ErrorClass } from './error-class';
import { type ErrorReport } from './errors';

/**
 * How a call ended. `failed` means that it did not run, so its key may be submitted again; `unknown` means
 * that it was sent and no answer came, so it never runs again.
 */
export type Outcome = 'ok' | 'tool_error' | 'failed' | 'cancelled' | 'unknown';

/** JSON as MCP sends it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Whether what came as JSON is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON-RPC error as it was sent. */
export interface RpcErrorObject {
  code: number;
  message: string;
  data?: Json;
}

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
}

/** What activity `callTool` returns: the server answered. */
export interface CallAnswer {
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
  queuedMs: number;
  ranMs: number;
}

/** Details of the failure that activity `callTool` throws. */
export interface CallFailureDetails {
  outcome: 'failed' | 'cancelled' | 'unknown';
  digest: string;
  queuedMs: number;
  ranMs: number;
  /** It comes from somebody who found the host dead: no host has put the call into the index. */
  hostLost?: true;
}

/** Whether a detail of a failure is what `callTool` puts there; failures of anybody else have none. */
export function isCallFailureDetails(value: unknown): value is CallFailureDetails {
  return value !== null && typeof value === 'object' && 'outcome' in value && 'digest' in value;
}

/** What a caller gets. */
export interface CallOutcome {
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
  /** Milliseconds from submission to the first byte. */
  queuedMs: number;
  /** Milliseconds from the first byte to the answer. */
  ranMs: number;
}

/** Progress as the server reported it (MCP `notifications/progress`). */
export interface CallProgress {
  progress: number;
  total?: number;
  message?: string;
}

/** Details of the heartbeats of activity `callTool`: what the caller sees of it, and what its next attempt goes on with. */
export interface CallHeartbeat {
  /** Attempts that have reached the server. */
  sent: number;
  /** The last attempt that `sent` accounts for; of calls that Temporal tries again in doubt. */
  upTo?: number;
  progress?: CallProgress;
  /** What the server waits for from the client. */
  asks?: Ask[];
}

/** Whether the details of an attempt's last heartbeat are those of a call. */
export function isHeartbeat(value: unknown): value is CallHeartbeat {
  if (value === null || typeof value !== 'object') return false;
  return 'sent' in value && typeof value.sent === 'number';
}

/** One line of the call index: enough for `calls`, without arguments and results. */
export interface CallRecord {
  callId: string;
  server: string;
  tool: string;
  principal: string;
  correlationId: string;
  /** `queued` and `running` have no end yet. */
  status: 'queued' | 'running' | Outcome;
  submittedAtMs: number;
  endedAtMs?: number;
  queuedMs?: number;
  ranMs?: number;
  host?: string;
  generation?: number;
  epoch?: number;
  error?: ErrorReport;
  errorClass?: ErrorClass;
  /** Attempts that Temporal made, those that did not reach the server included. */
  attempts?: number;
  /** Absent: `durable`. */
  path?: CallPath;
}
