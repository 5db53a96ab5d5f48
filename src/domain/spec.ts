import { type CallRetryPolicy, DEFAULT_CALL_RETRY } from './calls/call-retry';
import { type HealthSpec } from './health/health';
import {
  type BreakerPolicy,
  type QuarantinePolicy,
  type ToolChangePolicy,
} from './isolation/isolation';
import { type AuthSpec } from './oauth/oauth';
import { type Program } from './programs/programs';
import { type ValidationSpec } from './servers/validation-spec';

/** Calls of one server that wait at most; more are refused instead of growing without end. */
export const DEFAULT_QUEUED_CALLS = 1_000;
/** An on-demand server without a call for this long stops. */
export const DEFAULT_IDLE_TIMEOUT_MS = 10 * 60_000;

/** The program of a server that Mainspring owns. Strings may hold `${VAR}` references; a host resolves them. */
export interface ProcessSpec {
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Absolute. */
  cwd: string;
  /** Set when Mainspring installs the program: then it is run in place of `command` and `args`. */
  program?: Program;
  /** Its variables become the program's; `env` goes before them. Absolute. */
  envFile?: string;
}

/** Where a server listens. Strings may hold `${VAR}` references; a host resolves them. */
export interface RemoteSpec {
  url: string;
  headers: Record<string, string>;
}

export interface Timeouts {
  /** From spawn or connect to a finished handshake. */
  startMs: number;
  /** One tool call, from its first byte. */
  callMs: number;
  /** Grace for calls in flight, and for the process to exit before it is killed. */
  stopMs: number;
  /** How long a call waits for a server that is starting or restarting. */
  queueMs: number;
  /** Silence after which a host counts as lost. */
  hostMs: number;
  /** In place of `callMs`, by tool. */
  toolsMs?: Record<string, number>;
}

/** When and how fast a crashed child is restarted inside its session. */
export interface RestartPolicy {
  policy: 'always' | 'on-failure' | 'never';
  /** Budget: restarts within `windowMs`; beyond it the session ends as a crash loop. */
  maxRestarts: number;
  windowMs: number;
  /** Delay of the second restart (the first is at once); doubles up to `maxDelayMs`. */
  initialDelayMs: number;
  maxDelayMs: number;
  /** Part of the delay that is random, 0 to 1. */
  jitter: number;
  /** Running this long makes the next crash count as the first. */
  stableAfterMs: number;
}

export interface ServerLimits {
  /** Largest single message from the server; a larger one fails the server. */
  messageBytes: number;
  /** Calls that run at once; more wait in the queue. */
  concurrentCalls: number;
  /** Calls that wait at most; more are refused. Default `DEFAULT_QUEUED_CALLS`. */
  queuedCalls?: number;
  /** Of the whole process group; above it the server is restarted. */
  memoryMb?: number;
}

export interface RetrySpec {
  /** Tools that the operator declares safe to run more than once. */
  tools: string[];
  /** Believe the server's own `readOnlyHint` and `idempotentHint`. */
  trustAnnotations: boolean;
  maxAttempts: number;
  /** By tool; naming one here declares it safe to run more than once. */
  policies?: Record<string, CallRetryPolicy>;
}

interface CommonSpec {
  name: string;
  timeouts: Timeouts;
  restart: RestartPolicy;
  limits: ServerLimits;
  retry: RetrySpec;
  tags: string[];
  /** Start the new child before the old one is stopped on restart and reload. */
  overlap: boolean;
  /** Protocol era to speak; `auto` finds out. */
  protocol: 'auto' | 'legacy' | 'modern';
  enabled: boolean;
  autostart: boolean;
  /** Files with variables that references are looked up in when the host's environment has them not. Absolute. */
  envFiles?: string[];
  /** Changes when one of these files does, so that a reload notices it; tells nothing about what is in them. */
  envVersion?: string;
  /** What a person would be asked for `${input:id}`. */
  inputs?: InputSpec[];
  /** Fields such as `env.PIN` whose value is a secret whatever it looks like. */
  secretFields?: string[];
  validation?: ValidationSpec;
  // Absent means the default, so that a spec of before keeps its signature.
  health?: HealthSpec;
  breaker?: BreakerPolicy;
  quarantine?: QuarantinePolicy;
  /** What calls do while it is in maintenance; default `wait`. */
  maintenanceCalls?: 'wait' | 'refuse';
  /** Default `quarantine-tool`. */
  toolChanges?: ToolChangePolicy;
  /** Set when arguments that its tools' schemas refuse go to the server all the same. */
  checkArguments?: false;
  /** Default `always`. */
  activation?: 'always' | 'on-demand';
  /** Without a call for so long an on-demand server stops. Default `DEFAULT_IDLE_TIMEOUT_MS`. */
  idleTimeoutMs?: number;
  /** Labels that its host must have. */
  requires?: string[];
  /** Sessions that share its queue; default 1. */
  replicas?: number;
  /** Tools whose calls go straight to the host if they can, without Temporal; globs. */
  direct?: string[];
  cache?: CacheSpec;
}

/** Tools whose results are kept for a while in the process that has called them. */
export interface CacheSpec {
  /** Globs. */
  tools: string[];
  ttlMs: number;
  /** A result is only for the principal that it was made for. */
  perCaller: boolean;
  /** Of all kept results of this server; they share the room of the process with those of others. */
  maxBytes?: number;
}

export interface InputSpec {
  id: string;
  description?: string;
  default?: string;
  /** The answer is a secret whatever it looks like. */
  password?: true;
}

export interface StdioSpec extends CommonSpec {
  type: 'stdio';
  process: ProcessSpec;
}

/** A server behind a URL; with `process` it is a program of ours that listens there. */
export interface UrlSpec extends CommonSpec {
  type: 'http' | 'sse' | 'websocket';
  remote: RemoteSpec;
  process?: ProcessSpec;
  /** How a login to it goes; one that needs none of this may need a login all the same. */
  auth?: AuthSpec;
}

export type ServerSpec = StdioSpec | UrlSpec;
export type ServerType = ServerSpec['type'];

export const DEFAULT_TIMEOUTS: Timeouts = {
  startMs: 30_000,
  callMs: 60_000,
  stopMs: 5_000,
  queueMs: 30_000,
  hostMs: 5_000,
};

export const DEFAULT_RESTART: RestartPolicy = {
  policy: 'always',
  maxRestarts: 5,
  windowMs: 60_000,
  initialDelayMs: 100,
  maxDelayMs: 30_000,
  jitter: 0.2,
  stableAfterMs: 10_000,
};

export const DEFAULT_LIMITS: ServerLimits = {
  messageBytes: 16 * 1024 * 1024,
  concurrentCalls: 100,
};

/** Of results, unless the spec says otherwise. */
export const DEFAULT_CACHE_TTL_MS = 300_000;

export const DEFAULT_RETRY: RetrySpec = { tools: [], trustAnnotations: false, maxAttempts: 3 };

/** What a tool says of itself (MCP tool annotations); untrusted unless the spec says otherwise. */
export interface ToolHints {
  readOnlyHint?: boolean;
  idempotentHint?: boolean;
}

/** How calls of this tool are tried again; undefined when they must not be repeated. */
export function callRetryFor(
  spec: ServerSpec,
  tool: string,
  hints: ToolHints | undefined,
): CallRetryPolicy | undefined {
  if (!mayRepeat(spec, tool, hints)) return undefined;
  const { policies = {}, maxAttempts } = spec.retry;
  const own = Object.hasOwn(policies, tool) ? policies[tool] : undefined;
  return own ?? { ...DEFAULT_CALL_RETRY, maxAttempts };
}

/** How long a call of this tool may take unless its caller says otherwise, in milliseconds. */
export function callTimeoutMs({ timeouts }: ServerSpec, tool: string): number {
  const { toolsMs = {}, callMs } = timeouts;
  return (Object.hasOwn(toolsMs, tool) ? toolsMs[tool] : undefined) ?? callMs;
}

/** Whether a call whose answer was lost may be sent again. */
export function mayRepeat(spec: ServerSpec, tool: string, hints: ToolHints | undefined): boolean {
  const { tools, trustAnnotations, policies } = spec.retry;
  if (tools.includes(tool) || (policies && Object.hasOwn(policies, tool))) return true;
  return trustAnnotations && (hints?.readOnlyHint === true || hints?.idempotentHint === true);
}
