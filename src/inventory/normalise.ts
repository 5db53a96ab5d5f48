import path from 'node:path';
import { MainspringError } from '../domain/errors';
import {
  DEFAULT_LIMITS,
  DEFAULT_RESTART,
  DEFAULT_RETRY,
  DEFAULT_TIMEOUTS,
  type ProcessSpec,
  type RestartPolicy,
  type RetrySpec,
  type ServerLimits,
  type ServerSpec,
  type Timeouts,
} from '../domain/spec';
import { type ServerEntry } from './config-schema';
import { toMs } from './duration-field';
import { withAbsoluteFiles } from './references';
import { detectType } from './server-type';

export interface LocatedEntry {
  entry: ServerEntry;
  /** Relative paths of the entry start here. Absolute. */
  baseDir: string;
}

/** What a checked entry means: with every default, absolute paths, and references left as text for the host. */
export function specOf(name: string, { entry, baseDir }: LocatedEntry): ServerSpec {
  const detected = detectType(entry);
  if ('problem' in detected) {
    throw new MainspringError('INVALID_CONFIG', `Server "${name}": ${detected.problem}`);
  }
  const common = {
    name,
    timeouts: timeoutsOf(entry),
    restart: restartOf(entry),
    limits: limitsOf(entry),
    retry: retryOf(entry),
    tags: [...new Set(entry.tags)],
    overlap: entry.overlap ?? false,
    protocol: entry.protocol ?? 'auto',
    enabled: entry.enabled ?? !entry.disabled,
    autostart: entry.autostart ?? true,
  };
  if (detected.type === 'stdio') {
    return { ...common, type: 'stdio', process: processOf(detected.command, entry, baseDir) };
  }
  const remote = {
    url: withAbsoluteFiles(detected.url, baseDir),
    headers: withAbsoluteFilesIn(entry.headers, baseDir),
  };
  const { type, command } = detected;
  if (command === undefined) return { ...common, type, remote };
  return { ...common, type, remote, process: processOf(command, entry, baseDir) };
}

function processOf(command: string, entry: ServerEntry, baseDir: string): ProcessSpec {
  return {
    command: command.includes('/') ? resolvedText(command, baseDir) : command,
    args: (entry.args ?? []).map((arg) => withAbsoluteFiles(arg, baseDir)),
    env: withAbsoluteFilesIn(entry.env, baseDir),
    cwd: entry.cwd === undefined ? baseDir : resolvedText(entry.cwd, baseDir),
  };
}

/** A path that starts with a reference is completed on the host. */
function resolvedText(text: string, baseDir: string): string {
  const located = withAbsoluteFiles(text, baseDir);
  return located.startsWith('${') ? located : path.resolve(baseDir, located);
}

function withAbsoluteFilesIn(
  texts: Record<string, string> | undefined,
  baseDir: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts ?? {}).map(([key, text]) => [key, withAbsoluteFiles(text, baseDir)]),
  );
}

function timeoutsOf({ timeouts = {} }: ServerEntry): Timeouts {
  return {
    startMs: toMs(timeouts.start ?? DEFAULT_TIMEOUTS.startMs),
    callMs: toMs(timeouts.call ?? DEFAULT_TIMEOUTS.callMs),
    stopMs: toMs(timeouts.stop ?? DEFAULT_TIMEOUTS.stopMs),
    queueMs: toMs(timeouts.queue ?? DEFAULT_TIMEOUTS.queueMs),
    hostMs: toMs(timeouts.host ?? DEFAULT_TIMEOUTS.hostMs),
  };
}

function restartOf({ restart = {} }: ServerEntry): RestartPolicy {
  return {
    policy: restart.policy ?? DEFAULT_RESTART.policy,
    maxRestarts: restart.maxRestarts ?? DEFAULT_RESTART.maxRestarts,
    windowMs: toMs(restart.window ?? DEFAULT_RESTART.windowMs),
    initialDelayMs: toMs(restart.initialDelay ?? DEFAULT_RESTART.initialDelayMs),
    maxDelayMs: toMs(restart.maxDelay ?? DEFAULT_RESTART.maxDelayMs),
    jitter: restart.jitter ?? DEFAULT_RESTART.jitter,
    stableAfterMs: toMs(restart.stableAfter ?? DEFAULT_RESTART.stableAfterMs),
  };
}

function limitsOf({ limits = {} }: ServerEntry): ServerLimits {
  return {
    messageBytes: limits.messageBytes ?? DEFAULT_LIMITS.messageBytes,
    concurrentCalls: limits.concurrentCalls ?? DEFAULT_LIMITS.concurrentCalls,
  };
}

function retryOf({ retry = {} }: ServerEntry): RetrySpec {
  return {
    tools: retry.tools ?? DEFAULT_RETRY.tools,
    trustAnnotations: retry.trustAnnotations ?? DEFAULT_RETRY.trustAnnotations,
    maxAttempts: retry.maxAttempts ?? DEFAULT_RETRY.maxAttempts,
  };
}
