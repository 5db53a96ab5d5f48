import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { type CallOutcome } from '../../src/domain/calls/calls';

const sightingSchema = z.object({
  key: z.string(),
  atMs: z.number(),
  outcome: z.enum(['ok', 'tool_error', 'failed', 'cancelled', 'unknown']),
  callId: z.string(),
  /** The result as it came. */
  answer: z.string(),
  code: z.string().optional(),
});

/** Outcome of a key that a caller got at one time. */
export type Sighting = z.infer<typeof sightingSchema>;

export function sightingOf(key: string, { outcome, callId, result, error }: CallOutcome): Sighting {
  const answer = JSON.stringify(result) ?? '';
  return { key, atMs: Date.now(), outcome, callId, answer, ...(error && { code: error.code }) };
}

/** Appends a sighting before anything else happens, so that it outlives the `kill -9` of the caller. */
export function appendSighting(file: string, sighting: Sighting): void {
  appendFileSync(file, `${JSON.stringify(sighting)}\n`);
}

export function readSightings(file: string): Sighting[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => sightingSchema.parse(JSON.parse(line)));
}
