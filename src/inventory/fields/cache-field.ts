import { z } from 'zod';
import { type CacheSpec, DEFAULT_CACHE_TTL_MS } from '../../domain/spec';
import { durationField, toMs } from './duration-field';
import { whole } from './number-fields';
import { nonEmpty } from './text-fields';

const MAX_CACHE_BYTES = 1024 * 1024 * 1024;

export const cacheField = z.strictObject({
  /** Names with `*` and `?`. */
  tools: z.array(nonEmpty).min(1),
  ttl: durationField(1).optional(),
  /** Whether a result is only returned to the principal that requested it. */
  perCaller: z.boolean().optional(),
  /** Maximum size of all cached results of the server. */
  maxBytes: whole(1, MAX_CACHE_BYTES).optional(),
});

export function cacheOf(written: z.infer<typeof cacheField>): CacheSpec {
  const { tools, ttl = DEFAULT_CACHE_TTL_MS, perCaller = true, maxBytes } = written;
  return { tools, ttlMs: toMs(ttl), perCaller, ...(maxBytes !== undefined && { maxBytes }) };
}
