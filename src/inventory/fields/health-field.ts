import path from 'node:path';
import { z } from 'zod';
import { type HealthCheck, type HealthSpec } from '../../domain/health/health';
import { defaultChecks } from '../../domain/health/health-policy';
import { durationField, toMs } from './duration-field';
import { numberBetween, whole } from './number-fields';
import { nonEmpty, text } from './text-fields';
import { type Json } from '../../base/json';

const MIN_INTERVAL_MS = 100;
const MAX_ROUNDS = 1_000;
const MAX_PORT = 65_535;
const MAX_MEMORY_MB = 1_048_576;
const MAX_CPU_PERCENT = 100_000;

/** A check of other programs; unknown members are kept. */
const foreignCheck = z.looseObject({
  name: nonEmpty.optional(),
  endpoint: nonEmpty.optional(),
  port: whole(1, MAX_PORT).optional(),
  interval: durationField(1).optional(),
  timeout: durationField(1).optional(),
});

export const foreignHealthField = z.union([foreignCheck, z.array(foreignCheck)], {
  error: 'expected an object with endpoint, port, interval and timeout, or a list of them',
});

const json: z.ZodType<Json> = z.json();

const common = {
  name: nonEmpty.optional(),
  timeout: durationField(1).optional(),
  /** Time after which a response counts as slow. */
  slow: durationField(1).optional(),
  /** Whether a failure makes the server DEGRADED at most. */
  advisory: z.boolean().optional(),
};

const checkField = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ping'), ...common }),
  z.strictObject({ kind: z.literal('tools'), ...common }),
  z.strictObject({
    kind: z.literal('tool'),
    tool: nonEmpty,
    arguments: z.record(z.string(), json).optional(),
    /** Text that the result must contain. */
    expect: nonEmpty.optional(),
    /** JSON Schema of the result. */
    schema: z.record(z.string(), json).optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('http'),
    /** URL or path; a path is relative to the port, or to the server's own URL. */
    url: nonEmpty
      .refine(isUrlOrPath, 'expected an http URL, or a path that starts with "/"')
      .optional(),
    port: whole(1, MAX_PORT).optional(),
    status: whole(100, 599).optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('process'),
    memoryMb: whole(1, MAX_MEMORY_MB).optional(),
    cpuPercent: numberBetween(0, MAX_CPU_PERCENT).optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('command'),
    command: nonEmpty,
    args: z.array(text).optional(),
    ...common,
  }),
  z.strictObject({ kind: z.literal('module'), path: nonEmpty, ...common }),
]);

export const healthField = z.strictObject({
  interval: durationField(MIN_INTERVAL_MS).optional(),
  timeout: durationField(1).optional(),
  checks: z.array(checkField).optional(),
  thresholds: z
    .strictObject({
      degraded: whole(1, MAX_ROUNDS).optional(),
      unhealthy: whole(1, MAX_ROUNDS).optional(),
      /** UNHEALTHY rounds before a restart; 0: never. */
      restart: whole(0, MAX_ROUNDS).optional(),
      recovered: whole(1, MAX_ROUNDS).optional(),
    })
    .optional(),
});

/** Indices of http checks without a host, which are valid only for a server with a URL. */
export function checksWithoutHost({ checks = [] }: z.infer<typeof healthField> = {}): number[] {
  return checks.flatMap((check, index) => {
    const lacksHost = check.kind === 'http' && check.port === undefined && !hasHost(check.url);
    return lacksHost ? [index] : [];
  });
}

const hasHost = (url: string | undefined) => url !== undefined && URL.canParse(url);

interface WrittenHealth {
  health?: z.infer<typeof healthField>;
  /** Check in another program's format; ignored when there are checks of ours. */
  healthCheck?: z.infer<typeof foreignHealthField>;
}

/** Builds the health spec of an entry; paths of modules and commands start at `baseDir`. */
export function healthOf(
  { health = {}, healthCheck }: WrittenHealth,
  baseDir: string,
  has: { process: boolean; remote: boolean },
): HealthSpec {
  const own = ownHealthOf(health, baseDir);
  if (own.checks || !healthCheck) return own;
  const foreign = [healthCheck].flat();
  const foreignChecks = foreign.flatMap((check) => httpCheckOf(check, has.remote));
  const intervals = foreign.flatMap(({ interval }) =>
    interval === undefined ? [] : toMs(interval),
  );
  const defaults = defaultChecks(has).filter(
    ({ kind }) => kind !== 'http' || foreignChecks.length === 0,
  );
  return {
    ...(intervals.length > 0 && { intervalMs: Math.max(MIN_INTERVAL_MS, Math.min(...intervals)) }),
    ...own,
    checks: [...defaults, ...foreignChecks],
  };
}

/**
 * Returns nothing for a check without an address. A stdio server can work without its endpoint, so the check is
 * advisory there.
 */
function httpCheckOf(
  { name, endpoint, port, timeout }: z.infer<typeof foreignCheck>,
  isRemote: boolean,
): HealthCheck[] {
  const url = endpoint === undefined || isUrlOrPath(endpoint) ? endpoint : `/${endpoint}`;
  const hasAddress = port !== undefined || isRemote || hasHost(url);
  if (!hasAddress) return [];
  return [
    {
      kind: 'http',
      ...(url !== undefined && { url }),
      ...(port !== undefined && { port }),
      ...(name !== undefined && { name }),
      ...(timeout !== undefined && { timeoutMs: toMs(timeout) }),
      ...(!isRemote && { advisory: true }),
    },
  ];
}

function isUrlOrPath(text: string): boolean {
  return text.startsWith('/') || /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : '');
}

function ownHealthOf(written: z.infer<typeof healthField>, baseDir: string): HealthSpec {
  const { interval, timeout, checks, thresholds } = written;
  return {
    ...(interval !== undefined && { intervalMs: toMs(interval) }),
    ...(timeout !== undefined && { timeoutMs: toMs(timeout) }),
    ...(checks && { checks: checks.map((one) => checkOf(one, baseDir)) }),
    ...(thresholds && { thresholds }),
  };
}

function checkOf(
  { name, timeout, slow, advisory, ...check }: z.infer<typeof checkField>,
  baseDir: string,
): HealthCheck {
  const common = {
    ...(name !== undefined && { name }),
    ...(timeout !== undefined && { timeoutMs: toMs(timeout) }),
    ...(slow !== undefined && { slowMs: toMs(slow) }),
    ...(advisory && { advisory }),
  };
  switch (check.kind) {
    case 'tool':
      return { ...check, arguments: check.arguments ?? {}, ...common };
    case 'command': {
      const { kind, command, args = [] } = check;
      const located = command.includes('/') ? path.resolve(baseDir, command) : command;
      return { kind, command: located, args, ...common };
    }
    case 'module':
      return { ...check, path: path.resolve(baseDir, check.path), ...common };
    case 'ping':
    case 'tools':
    case 'http':
    case 'process':
      return { ...check, ...common };
  }
}
