import path from 'node:path';
import { MainspringError } from '../base/errors';
import {
  DEFAULT_LIMITS,
  DEFAULT_RESTART,
  DEFAULT_TIMEOUTS,
  type InputSpec,
  type ProcessSpec,
  type RestartPolicy,
  type ServerLimits,
  type ServerSpec,
  type StdioSpec,
  type Timeouts,
} from '../domain/spec';
import { type AuthSpec } from '../domain/oauth/oauth';
import { type ServerEntry } from './config/config-schema';
import { cacheOf } from './fields/cache-field';
import { toMs } from './fields/duration-field';
import { findEnvFiles } from './references/env-files';
import { installedProgramOf } from './programs/installed-program';
import { type InstalledRecord, type Origin } from './inventory';
import { healthOf } from './fields/health-field';
import { markedNames, type MemberTexts, textOf } from './fields/member-text';
import { breakerOf, quarantineOf, retryOf } from './fields/policy-fields';
import { startFolderOf } from './programs/program-source';
import { listReferences, withAbsoluteFiles, withHome } from './references/references';
import { type Detected, detectType } from './fields/server-type';
import { type ValidationSpec } from '../domain/servers/validation-spec';

type CommonSpec = Omit<StdioSpec, 'type' | 'process'>;

export interface LocatedEntry {
  entry: ServerEntry;
  /** Base folder of relative paths in the entry; absolute. */
  baseDir: string;
  /** Origin of the entry; a config file may have a `.env` beside it. */
  origin?: Origin;
  installed?: InstalledRecord | undefined;
  /** Consents of the command line. */
  allowScripts?: string[] | undefined;
}

/** Converts a checked entry to a spec: with all defaults and absolute paths; references stay as text for the host. */
export function specOf(name: string, located: LocatedEntry): ServerSpec {
  const { entry, baseDir } = located;
  const detected = detectType(entry);
  if ('problem' in detected) {
    throw new MainspringError('INVALID_CONFIG', `Server "${name}": ${detected.problem}`);
  }
  const common = {
    name,
    timeouts: timeoutsOf(entry),
    restart: restartOf(entry),
    limits: limitsOf(entry),
    retry: retryOf(entry.retry),
    tags: [...new Set(entry.tags)],
    overlap: entry.overlap ?? false,
    protocol: entry.protocol ?? 'auto',
    enabled: entry.enabled ?? !entry.disabled,
    autostart: entry.autostart ?? true,
    ...(entry.inputs && { inputs: entry.inputs.map(inputOf) }),
    ...secretFieldsOf(entry),
    ...(entry.validation && { validation: validationOf(entry.validation) }),
    ...policiesOf(entry),
    ...healthMembers(entry, baseDir, detected),
  };
  const spec = withConnection(common, located, detected);
  const names = listReferences(spec).some(({ kind }) => kind === 'variable');
  const envFiles = findEnvFiles(
    entry.envFile === undefined ? undefined : resolvedText(entry.envFile, baseDir),
    names && isFromFile(located) ? baseDir : undefined,
  );
  return { ...spec, ...envFiles };
}

/** Contains only members of the entry: the others get defaults where they are used. */
function policiesOf(entry: ServerEntry): Partial<CommonSpec> {
  const { breaker, quarantine, maintenance, toolChanges, checkArguments } = entry;
  const { activation, idleTimeout, requires = [], replicas, direct = [], cache } = entry;
  return {
    ...(breaker && { breaker: breakerOf(breaker) }),
    ...(quarantine && { quarantine: quarantineOf(quarantine) }),
    ...(maintenance?.calls && { maintenanceCalls: maintenance.calls }),
    ...(toolChanges && { toolChanges }),
    ...(checkArguments === false && { checkArguments }),
    ...(activation && { activation }),
    ...(idleTimeout !== undefined && { idleTimeoutMs: toMs(idleTimeout) }),
    ...(requires.length > 0 && { requires: [...new Set(requires)].sort() }),
    ...(replicas !== undefined && replicas > 1 && { replicas }),
    ...(direct.length > 0 && { direct }),
    ...(cache && { cache: cacheOf(cache) }),
  };
}

function healthMembers(
  entry: ServerEntry,
  baseDir: string,
  { type, command }: Detected,
): Pick<CommonSpec, 'health'> {
  if (!entry.health && !entry.healthCheck) return {};
  const has = { process: command !== undefined, remote: type !== 'stdio' };
  return { health: healthOf(entry, baseDir, has) };
}

function withConnection(common: CommonSpec, located: LocatedEntry, detected: Detected): ServerSpec {
  const { entry, baseDir } = located;
  if (detected.type === 'stdio') {
    return { ...common, type: 'stdio', process: processOf(detected.command, located) };
  }
  const remote = {
    url: withAbsoluteFiles(detected.url, baseDir),
    headers: withAbsoluteFilesIn(entry.headers, baseDir),
  };
  const { type, command } = detected;
  if (command !== undefined) {
    return { ...common, type, remote, process: processOf(command, located) };
  }
  const auth = entry.auth && authOf(entry.auth, baseDir);
  return { ...common, type, remote, ...(auth && { auth }) };
}

function authOf(
  { clientId, clientSecret, clientMetadataUrl, scopes, resource }: NonNullable<ServerEntry['auth']>,
  baseDir: string,
): AuthSpec {
  return {
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret !== undefined && { clientSecret: withAbsoluteFiles(clientSecret, baseDir) }),
    ...(clientMetadataUrl !== undefined && { clientMetadataUrl }),
    ...(scopes && { scopes: [...new Set(scopes)] }),
    ...(resource !== undefined && { resource }),
  };
}

function processOf(command: string, located: LocatedEntry): ProcessSpec {
  const { entry, baseDir } = located;
  const program = installedProgramOf(located);
  return {
    ...(program && { program }),
    command: command.includes('/') ? resolvedText(command, baseDir) : command,
    args: (entry.args ?? []).map((arg) => withAbsoluteFiles(arg, baseDir)),
    env: withAbsoluteFilesIn(entry.env, baseDir),
    cwd: startFolderOf(entry, baseDir) ?? resolvedText(entry.cwd ?? '.', baseDir),
    ...(entry.envFile !== undefined && { envFile: resolvedText(entry.envFile, baseDir) }),
  };
}

function isFromFile({ origin }: LocatedEntry): boolean {
  return origin !== undefined && origin !== 'cli';
}

function secretFieldsOf({ env, headers }: ServerEntry): Pick<CommonSpec, 'secretFields'> {
  const secretFields = [
    ...markedNames(env).map((name) => `env.${name}`),
    ...markedNames(headers).map((name) => `headers.${name}`),
  ];
  return secretFields.length > 0 ? { secretFields } : {};
}

function inputOf({
  id,
  description,
  default: given,
  password,
}: NonNullable<ServerEntry['inputs']>[number]): InputSpec {
  return {
    id,
    ...(description !== undefined && { description }),
    ...(given !== undefined && { default: given }),
    ...(password && { password }),
  };
}

function validationOf({
  calls = [],
  credential,
}: NonNullable<ServerEntry['validation']>): ValidationSpec {
  return {
    calls: calls.map((call) => ({ ...call, arguments: call.arguments ?? {} })),
    ...(credential !== undefined && { credential }),
  };
}

/** Makes a path absolute; one that starts with a reference is completed on the host. */
function resolvedText(text: string, baseDir: string): string {
  const located = withHome(withAbsoluteFiles(text, baseDir));
  return located.startsWith('${') ? located : path.resolve(baseDir, located);
}

function withAbsoluteFilesIn(
  members: MemberTexts | undefined,
  baseDir: string,
): Record<string, string> {
  return mapValues(members ?? {}, (member) => withAbsoluteFiles(textOf(member), baseDir));
}

function mapValues<From, To>(
  record: Record<string, From>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function timeoutsOf({ timeouts = {} }: ServerEntry): Timeouts {
  return {
    startMs: toMs(timeouts.start ?? DEFAULT_TIMEOUTS.startMs),
    callMs: toMs(timeouts.call ?? DEFAULT_TIMEOUTS.callMs),
    stopMs: toMs(timeouts.stop ?? DEFAULT_TIMEOUTS.stopMs),
    queueMs: toMs(timeouts.queue ?? DEFAULT_TIMEOUTS.queueMs),
    hostMs: toMs(timeouts.host ?? DEFAULT_TIMEOUTS.hostMs),
    ...(timeouts.tools && { toolsMs: mapValues(timeouts.tools, toMs) }),
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
    ...(limits.queuedCalls !== undefined && { queuedCalls: limits.queuedCalls }),
    ...(limits.memoryMb !== undefined && { memoryMb: limits.memoryMb }),
  };
}
