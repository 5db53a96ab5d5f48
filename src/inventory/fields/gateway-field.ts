import { z } from 'zod';
import { SERVER_NAME } from '../../domain/names';
import { whole } from './number-fields';
import { nonEmpty } from './text-fields';

/** Exactly one reference; without a default, which would be a readable key. */
const REFERENCE = /^\$\{(?:(?!:-)[^}])+\}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/i;
const ORIGIN = /^(?:\*|[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+|null)$/i;
const HOST = /^(?:\[[0-9a-f:.]+\]|[^:/?#@[\]\s]+)(?::\d+)?$/i;

const MAX_BYTES = 1024 ** 3;
const MAX_COUNT = 1_000_000;

const keyText = nonEmpty.refine(
  (key) => REFERENCE.test(key) || DIGEST.test(key),
  'expected a reference such as "${GATEWAY_KEY}", or "sha256:" and the digest of the key: do not put keys in a config',
);

const keyLimits = z.strictObject({
  sessions: whole(0, MAX_COUNT).optional(),
  calls: whole(1, MAX_COUNT).optional(),
  streams: whole(0, MAX_COUNT).optional(),
});

const keyMembers = z.strictObject({
  key: keyText,
  /** Name of the only profile that the key gives access to. */
  profile: nonEmpty.optional(),
  limits: keyLimits.optional(),
});

/** Access rules of the gateway in a config; the JSON Schema of a config is derived from it. */
export const gatewayField = z.strictObject({
  keys: z
    .record(
      z.string().regex(SERVER_NAME, 'expected 1 to 64 letters, digits, "-" or "_"'),
      z.union([keyText, keyMembers], {
        error: 'expected a reference to a key, or an object with "key"',
      }),
    )
    .optional(),
  origins: z
    .array(
      z.string().regex(ORIGIN, 'expected an origin such as "https://chat.example.com", or "*"'),
    )
    .optional(),
  hosts: z
    .array(z.string().regex(HOST, 'expected a host name such as "mcp.example.com"'))
    .optional(),
  limits: keyLimits
    .extend({
      bodyBytes: whole(1, MAX_BYTES).optional(),
      bufferBytes: whole(1, MAX_BYTES).optional(),
      connections: whole(1, MAX_COUNT).optional(),
    })
    .optional(),
});

export type WrittenGateway = z.infer<typeof gatewayField>;
export type WrittenKey = z.infer<typeof keyMembers> | string;

/** Rules with their origin and the base folder of their paths, which the inventory adds. */
export const recordedGateway = gatewayField.extend({ origin: z.string(), baseDir: z.string() });

export type RecordedGateway = z.infer<typeof recordedGateway>;
