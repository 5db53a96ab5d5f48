import path from 'node:path';
import { z } from 'zod';
import {
  ALERT_KINDS,
  type AlertChannel,
  type AlertReceiver,
  DEFAULT_ALERT_KINDS,
} from '../../domain/alerts/alerts';
import { SERVER_NAME } from '../../domain/names';
import { durationField, toMs } from './duration-field';
import { withAbsoluteFiles } from '../references/references';
import { nonEmpty, text } from './text-fields';
import { MAX_ALERT_COMMAND_TIMEOUT_MS } from '../../domain/alerts/alert-delivery';

const DEFAULT_ALERT_COMMAND_TIMEOUT_MS = 30_000;

const HAS_REFERENCE = /\$\{[^}]+\}/;
const HTTP_URL = /^https?:\/\//i;

const webhook = z.strictObject({
  url: nonEmpty.refine(
    (url) => HAS_REFERENCE.test(url) || (HTTP_URL.test(url) && URL.canParse(url)),
    'expected an http or https URL, or a reference to one',
  ),
  /** Key that signs the requests. */
  secret: nonEmpty
    .refine(
      (secret) => HAS_REFERENCE.test(secret),
      'expected a reference such as "${ALERT_SECRET}": do not put secrets in a config',
    )
    .optional(),
});

const command = z.strictObject({
  command: nonEmpty,
  args: z.array(text).optional(),
  env: z.record(nonEmpty, text).optional(),
  timeout: durationField(1, MAX_ALERT_COMMAND_TIMEOUT_MS).optional(),
});

/** Separate, because the JSON Schema of a config is derived from it. */
export const receiverMembers = z.strictObject({
  name: z.string().regex(SERVER_NAME, 'expected 1 to 64 letters, digits, "-" or "_"'),
  on: z.array(z.enum(ALERT_KINDS)).min(1, 'expected at least one kind').optional(),
  /** Names, names with `*` and `?`, and `tag:<tag>`; default: all. */
  servers: z.array(nonEmpty).min(1, 'expected at least one server').optional(),
  log: z.literal(true).optional(),
  webhook: webhook.optional(),
  command: command.optional(),
});

export type WrittenReceiver = z.infer<typeof receiverMembers>;

/** The alerts of a config file, as written. */
export const alertsField = z
  .array(receiverMembers.superRefine(hasOneChannel))
  .superRefine((receivers, context) => {
    receivers.forEach(({ name }, index) => {
      if (receivers.findIndex((other) => other.name === name) === index) return;
      const message = `duplicate receiver "${name}" in this list`;
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    });
  });

/** Receiver with its origin and the base folder of its paths, which the inventory adds. */
export const recordedReceiver = receiverMembers
  .extend({ origin: z.string().optional(), baseDir: z.string().optional() })
  .superRefine(hasOneChannel);

export type RecordedReceiver = z.infer<typeof recordedReceiver>;

/** Converts a checked receiver; paths start at its `baseDir`, or at `folder` when it has none. */
export function receiverOf(recorded: RecordedReceiver, folder: string): AlertReceiver {
  const { name, on, servers, origin = 'inventory.json', baseDir = folder } = recorded;
  return {
    name,
    on: on ?? DEFAULT_ALERT_KINDS,
    servers: servers ?? [],
    channel: channelOf(recorded, baseDir),
    origin,
  };
}

function channelOf({ webhook, command }: RecordedReceiver, baseDir: string): AlertChannel {
  const located = (value: string) => withAbsoluteFiles(value, baseDir);
  if (webhook) {
    const { url, secret } = webhook;
    return {
      kind: 'webhook',
      url: located(url),
      ...(secret !== undefined && { secret: located(secret) }),
    };
  }
  if (!command) return { kind: 'log' };
  const { command: program, args = [], env = {}, timeout } = command;
  return {
    kind: 'command',
    command: program.includes('/') ? path.resolve(baseDir, program) : program,
    args: args.map(located),
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, located(value)])),
    cwd: baseDir,
    timeoutMs: timeout === undefined ? DEFAULT_ALERT_COMMAND_TIMEOUT_MS : toMs(timeout),
  };
}

function hasOneChannel({ log, webhook, command }: WrittenReceiver, context: z.RefinementCtx): void {
  const channels = [log, webhook, command].filter((channel) => channel !== undefined);
  if (channels.length === 1) return;
  const message = 'expected exactly one of "log", "webhook" and "command"';
  context.addIssue({ code: 'custom', message });
}
