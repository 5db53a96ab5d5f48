import path from 'node:path';
import { z } from 'zod';
import { type Json } from '../domain/calls';
import { type HealthCheck, type HealthSpec } from '../domain/health';
import { durationField, toMs } from './duration-field';
import { numberBetween, whole } from './number-fields';
import { nonEmpty, text } from './text-fields';

const MIN_INTERVAL_MS = 100;
const MAX_ROUNDS = 1_000;
const MAX_PORT = 65_535;
const MAX_MEMORY_MB = 1_048_576;
const MAX_CPU_PERCENT = 100_000;

const json: z.ZodType<Json> = z.json();

const common = {
  name: nonEmpty.optional(),
  timeout: durationField(1).optional(),
  /** An answer that takes longer counts as slow. */
  slow: durationField(1).optional(),
};

const checkField = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ping'), ...common }),
  z.strictObject({ kind: z.literal('tools'), ...common }),
  z.strictObject({
    kind: z.literal('tool'),
    tool: nonEmpty,
    arguments: z.record(z.string(), json).optional(),
    /** Text that the answer contains. */
    expect: nonEmpty.optional(),
    /** JSON Schema of the result. */
    schema: z.record(z.string(), json).optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('http'),
    url: nonEmpty.optional(),
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
      /** UNHEALTHY rounds until a restart; 0 never. */
      restart: whole(0, MAX_ROUNDS).optional(),
      recovered: whole(1, MAX_ROUNDS).optional(),
    })
    .optional(),
});

/** What a checked `health` means; paths of modules and commands start at `baseDir`. */
export function healthOf(written: z.infer<typeof healthField>, baseDir: string): HealthSpec {
  const { interval, timeout, checks, thresholds } = written;
  return {
    ...(interval !== undefined && { intervalMs: toMs(interval) }),
    ...(timeout !== undefined && { timeoutMs: toMs(timeout) }),
    ...(checks && { checks: checks.map((one) => checkOf(one, baseDir)) }),
    ...(thresholds && { thresholds }),
  };
}

function checkOf(
  { name, timeout, slow, ...check }: z.infer<typeof checkField>,
  baseDir: string,
): HealthCheck {
  const common = {
    ...(name !== undefined && { name }),
    ...(timeout !== undefined && { timeoutMs: toMs(timeout) }),
    ...(slow !== undefined && { slowMs: toMs(slow) }),
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
