import { z } from 'zod';
import { HEARTBEAT_INTERVAL_MS } from '../../domain/limits';
import { HOST_LABEL } from '../../domain/names';
import { durationField } from '../fields/duration-field';
import { foreignHealthField, healthField, checksWithoutHost } from '../fields/health-field';
import { breakerField, quarantineField, retryField } from '../fields/policy-fields';
import { cacheField } from '../fields/cache-field';
import { memberText } from '../fields/member-text';
import { numberBetween, whole } from '../fields/number-fields';
import { nonEmpty, text } from '../fields/text-fields';
import { detectType, WRITTEN_TYPES } from '../fields/server-type';
import { type Json } from '../../base/json';
import { MAX_CALL_TIMEOUT_MS } from '../../domain/calls/calls';
import { MAX_HOST_LABELS } from '../../domain/hosts/hosts';

/** Maximum number of sessions that share one queue. */
const MAX_REPLICAS = 16;

const MIN_MESSAGE_BYTES = 1_024;
const MAX_MESSAGE_BYTES = 512 * 1024 * 1024;
const MAX_CONCURRENT_CALLS = 1_000;
const MAX_RESTARTS = 1_000_000;
const MAX_QUEUED_CALLS = 1_000_000;
const MAX_MEMORY_MB = 1_048_576;
const MAX_TAG_LENGTH = 64;

const variableName = z.string().regex(/^[^=\0]+$/, 'expected a name without "="');
const json: z.ZodType<Json> = z.json();

const timeouts = z.strictObject({
  start: durationField(1).optional(),
  call: durationField(1, MAX_CALL_TIMEOUT_MS).optional(),
  stop: durationField(0).optional(),
  queue: durationField(0).optional(),
  // Below two heartbeats, a healthy host would be considered lost.
  host: durationField(2 * HEARTBEAT_INTERVAL_MS).optional(),
  /** Timeouts by tool; each one overrides `call`. */
  tools: z.record(nonEmpty, durationField(1, MAX_CALL_TIMEOUT_MS)).optional(),
});

const restart = z.strictObject({
  policy: z.enum(['always', 'on-failure', 'never']).optional(),
  maxRestarts: whole(0, MAX_RESTARTS).optional(),
  window: durationField(1).optional(),
  initialDelay: durationField(0).optional(),
  maxDelay: durationField(0).optional(),
  jitter: numberBetween(0, 1).optional(),
  stableAfter: durationField(0).optional(),
});

const limits = z.strictObject({
  messageBytes: whole(MIN_MESSAGE_BYTES, MAX_MESSAGE_BYTES).optional(),
  concurrentCalls: whole(1, MAX_CONCURRENT_CALLS).optional(),
  queuedCalls: whole(0, MAX_QUEUED_CALLS).optional(),
  memoryMb: whole(1, MAX_MEMORY_MB).optional(),
});

const REFERENCE = '${';

/** Settings of the login to a remote server, where they cannot be discovered. */
const auth = z
  .strictObject({
    clientId: nonEmpty.optional(),
    clientSecret: nonEmpty
      .refine((text) => text.includes(REFERENCE), 'expected a reference such as ${CLIENT_SECRET}')
      .optional(),
    clientMetadataUrl: z
      .string()
      .regex(/^https:\/\/[^\s/?#]+\/\S+$/, 'expected an https URL with a path')
      .optional(),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'expected a scope without spaces'))
      .optional(),
    resource: z
      .string()
      .regex(/^https?:\/\/\S+$/, 'expected a URL')
      .optional(),
  })
  .refine(({ clientId, clientSecret }) => clientId !== undefined || clientSecret === undefined, {
    path: ['clientSecret'],
    message: 'expected a "clientId" as well',
  });

/** An input of VS Code; its other members are kept. */
const input = z.looseObject({
  id: nonEmpty,
  type: z.string().optional(),
  description: z.string().optional(),
  password: z.boolean().optional(),
  default: z.string().optional(),
});

const validation = z.strictObject({
  calls: z
    .array(
      z.strictObject({
        tool: nonEmpty,
        arguments: z.record(z.string(), json).optional(),
        expect: nonEmpty.optional(),
      }),
    )
    .optional(),
  credential: nonEmpty.optional(),
});

const members = z.strictObject({
  type: z.enum(WRITTEN_TYPES).optional(),
  command: nonEmpty.optional(),
  args: z.array(text).optional(),
  env: z.record(variableName, memberText).optional(),
  cwd: nonEmpty.optional(),
  url: nonEmpty.optional(),
  headers: z.record(nonEmpty, memberText).optional(),
  auth: auth.optional(),
  timeouts: timeouts.optional(),
  restart: restart.optional(),
  limits: limits.optional(),
  retry: retryField.optional(),
  tags: z.array(nonEmpty.max(MAX_TAG_LENGTH)).optional(),
  overlap: z.boolean().optional(),
  protocol: z.enum(['auto', 'legacy', 'modern']).optional(),
  enabled: z.boolean().optional(),
  /** Spelling of Claude Desktop and others. */
  disabled: z.boolean().optional(),
  autostart: z.boolean().optional(),
  meta: z.record(z.string(), json).optional(),
  /** Leaves the command unchanged: `npx`, `uvx` and similar run without an installation. */
  asIs: z.boolean().optional(),
  /** Packages whose code may run while they are installed. */
  allowScripts: z.array(nonEmpty).optional(),
  /** Expected hash of the package or bundle. */
  integrity: nonEmpty.optional(),
  /** Servers that are installed before this one. */
  dependsOn: z.array(nonEmpty).optional(),
  /** Path or https URL of a bundle, instead of a command. */
  mcpb: nonEmpty.optional(),
  /** Values for the settings of the bundle's manifest. */
  userConfig: z
    .record(nonEmpty, z.union([text, z.number(), z.boolean(), z.array(text)]))
    .optional(),
  /** File with variables, as in VS Code. */
  envFile: nonEmpty.optional(),
  /** The VS Code inputs that `${input:id}` refers to. */
  inputs: z.array(input).optional(),
  healthCheck: foreignHealthField.optional(),
  validation: validation.optional(),
  health: healthField.optional(),
  breaker: breakerField.optional(),
  quarantine: quarantineField.optional(),
  maintenance: z.strictObject({ calls: z.enum(['wait', 'refuse']).optional() }).optional(),
  /** Action when the definition of a tool differs from the approved one. */
  toolChanges: z.enum(['quarantine-tool', 'quarantine-server', 'allow']).optional(),
  /** False: sends arguments to the server even if they do not match the tool's schema. */
  checkArguments: z.boolean().optional(),
  activation: z.enum(['always', 'on-demand']).optional(),
  idleTimeout: durationField(1).optional(),
  /** Labels that a host must have to run it. */
  requires: z
    .array(z.string().regex(HOST_LABEL, 'expected lowercase letters, digits, ".", "_" or "-"'))
    .max(MAX_HOST_LABELS)
    .optional(),
  /** Number of sessions that share the calls of a stateless server. */
  replicas: whole(1, MAX_REPLICAS).optional(),
  /** Tools whose calls go directly to the host, without Temporal: names with `*` and `?`. */
  direct: z.array(nonEmpty).optional(),
  /** The only tools that clients see: names with `*` and `?`. */
  includeTools: z.array(nonEmpty).optional(),
  /** Tools that clients do not see: names with `*` and `?`. */
  excludeTools: z.array(nonEmpty).optional(),
  /** Tools whose results are cached. */
  cache: cacheField.optional(),
  /** Members of other programs, by dialect; kept for exports to it. */
  extra: z.record(z.string(), json).optional(),
});

/** Names of the members of a server entry. */
export const MEMBER_NAMES: readonly string[] = Object.keys(members.shape);

/** Whether the value is valid for the member. */
export function fitsMember(member: string, value: unknown): boolean {
  const shape: Readonly<Record<string, z.ZodType>> = members.shape;
  return Object.hasOwn(shape, member) && shape[member]?.safeParse(value).success === true;
}

/** One entry of `{"mcpServers": {name: entry}}`. The check does not change the entry, so that exports equal the original. */
export const entrySchema = members.superRefine((entry, context) => {
  if (context.issues.length > 0) return; // a misspelt "comand" is not reported as a missing command too
  const detected = detectType(entry);
  if ('problem' in detected) {
    context.addIssue({ code: 'custom', path: detected.path, message: detected.problem });
  }
  if (entry.url === undefined) {
    for (const index of checksWithoutHost(entry.health)) {
      const message = 'expected a "url" or a "port", because the server has no URL';
      context.addIssue({ code: 'custom', path: ['health', 'checks', index], message });
    }
  }
  if (entry.enabled !== undefined && entry.disabled === entry.enabled) {
    const message = `expected the opposite of "enabled", got ${entry.disabled} for both`;
    context.addIssue({ code: 'custom', path: ['disabled'], message });
  }
});

export type ServerEntry = z.infer<typeof entrySchema>;
