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

/** Maximum of waiting calls per server; more are refused instead of growing without end. */
export const DEFAULT_QUEUED_CALLS = 1_000;
/** Time without a call after which an on-demand server stops. */
export const DEFAULT_IDLE_TIMEOUT_MS = 10 * 60_000;

/** Program of a server that Mainspring owns. Strings may hold `${VAR}` references; a host resolves them. */
export interface ProcessSpec {
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Absolute path. */
  cwd: string;
  /** Set when Mainspring installs the program: it is run in place of `command` and `args`. */
  program?: Program;
  /** Absolute path of a file with variables for the program; `env` takes precedence. */
  envFile?: string;
}

/** Address of a server. Strings may hold `${VAR}` references; a host resolves them. */
export interface RemoteSpec {
  url: string;
  headers: Record<string, string>;
}

export interface Timeouts {
  /** Time from spawn or connect to a finished handshake. */
  startMs: number;
  /** Time of one tool call, from its first byte. */
  callMs: number;
  /** Grace for calls in flight, and for the process to exit before it is killed. */
  stopMs: number;
  /** Time that a call waits for a server that is starting or restarting. */
  queueMs: number;
  /** Silence after which a host counts as lost. */
  hostMs: number;
  /** Timeouts by tool, which replace `callMs`. */
  toolsMs?: Record<string, number>;
}

/** Policy for restarting a crashed child inside its session. */
export interface RestartPolicy {
  policy: 'always' | 'on-failure' | 'never';
  /** Budget: restarts within `windowMs`; above it the session ends as a crash loop. */
  maxRestarts: number;
  windowMs: number;
  /** Delay of the second restart (the first is immediate); doubles up to `maxDelayMs`. */
  initialDelayMs: number;
  maxDelayMs: number;
  /** Part of the delay that is random, 0 to 1. */
  jitter: number;
  /** Time of running after which the next crash counts as the first. */
  stableAfterMs: number;
}

export interface ServerLimits {
  /** Largest single message from the server; a larger one fails the server. */
  messageBytes: number;
  /** Maximum of concurrent calls; more wait in the queue. */
  concurrentCalls: number;
  /** Maximum of waiting calls; more are refused. Defaults to `DEFAULT_QUEUED_CALLS`. */
  queuedCalls?: number;
  /** Memory of the whole process group above which the server is restarted. */
  memoryMb?: number;
}

export interface RetrySpec {
  /** Tools that the operator declares safe to run more than once. */
  tools: string[];
  /** Whether to trust the server's own `readOnlyHint` and `idempotentHint`. */
  trustAnnotations: boolean;
  maxAttempts: number;
  /** Policies by tool; naming one here declares it safe to run more than once. */
  policies?: Record<string, CallRetryPolicy>;
}

interface CommonSpec {
  name: string;
  timeouts: Timeouts;
  restart: RestartPolicy;
  limits: ServerLimits;
  retry: RetrySpec;
  tags: string[];
  /** Whether to start the new child before the old one is stopped, on restart and reload. */
  overlap: boolean;
  /** Protocol era to use; `auto` detects it. */
  protocol: 'auto' | 'legacy' | 'modern';
  enabled: boolean;
  autostart: boolean;
  /** Absolute paths of files with variables for references that the host's environment does not define. */
  envFiles?: string[];
  /** Changes when one of these files does, so that a reload notices it; reveals nothing about their content. */
  envVersion?: string;
  /** Inputs that `${input:id}` refers to. */
  inputs?: InputSpec[];
  /** Fields such as `env.PIN` whose value is always a secret. */
  secretFields?: string[];
  validation?: ValidationSpec;
  // Absent means the default, so that an older spec keeps its signature.
  health?: HealthSpec;
  breaker?: BreakerPolicy;
  quarantine?: QuarantinePolicy;
  /** Handling of calls during maintenance; defaults to `wait`. */
  maintenanceCalls?: 'wait' | 'refuse';
  /** Defaults to `quarantine-tool`. */
  toolChanges?: ToolChangePolicy;
  /** Set when arguments that its tools' schemas refuse are sent to the server all the same. */
  checkArguments?: false;
  /** Defaults to `always`. */
  activation?: 'always' | 'on-demand';
  /** Time without a call after which an on-demand server stops. Defaults to `DEFAULT_IDLE_TIMEOUT_MS`. */
  idleTimeoutMs?: number;
  /** Labels that its host must have. */
  requires?: string[];
  /** Number of sessions that share its queue; defaults to 1. */
  replicas?: number;
  /** Tools whose calls go directly to the host if they can, without Temporal; globs. */
  direct?: string[];
  cache?: CacheSpec;
}

/** Tools whose results are cached for a while in the process that called them. */
export interface CacheSpec {
  /** Globs. */
  tools: string[];
  ttlMs: number;
  /** Whether a result is only for the principal that made the call. */
  perCaller: boolean;
  /** Maximum for all cached results of this server; they share the memory of the process with those of others. */
  maxBytes?: number;
}

export interface InputSpec {
  id: string;
  description?: string;
  default?: string;
  /** Marks the answer as a secret, whatever it looks like. */
  password?: true;
}

export interface StdioSpec extends CommonSpec {
  type: 'stdio';
  process: ProcessSpec;
}

/** Server behind a URL; with `process` it is a program of ours that listens there. */
export interface UrlSpec extends CommonSpec {
  type: 'http' | 'sse' | 'websocket';
  remote: RemoteSpec;
  process?: ProcessSpec;
  /** Login settings; a server without any may need a login all the same. */
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

/** Lifetime of cached results, unless the spec sets another. */
export const DEFAULT_CACHE_TTL_MS = 300_000;

export const DEFAULT_RETRY: RetrySpec = { tools: [], trustAnnotations: false, maxAttempts: 3 };

/** Hints of a tool about itself (MCP tool annotations); untrusted unless the spec trusts them. */
export interface ToolHints {
  readOnlyHint?: boolean;
  idempotentHint?: boolean;
}

/** Returns how calls of this tool are retried; undefined when they must not be repeated. */
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

/** Returns the timeout of a call of this tool, unless its caller sets another, in ms. */
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
