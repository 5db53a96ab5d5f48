import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { MainspringClient } from '../../src';
import { until } from '../until';
import { type PlannedCall } from './plan';
import { appendSighting, readSightings, sightingOf } from './sightings';

/** Pause between submissions of a call that got no outcome, because no part of the instance could be reached. */
const RETRY_MS = 300;
/** Longer than any part takes to come back. */
const CONNECT_LIMIT_MS = 120_000;

/** Plan that the caller reads; the times of the calls count from `startedAtMs` (Unix time). */
export interface CallerPlan {
  home: string;
  calls: (Omit<PlannedCall, 'server'> & { server: string })[];
  startedAtMs: number;
  sightingsFile: string;
}

/**
 * Runs an API client as a program of its own: makes each call when it is due, and records its outcome. Restarted after
 * a `kill -9`, it submits every key without an outcome again. Argument: a file with its plan.
 */
async function main(planFile: string): Promise<void> {
  const plan = JSON.parse(readFileSync(planFile, 'utf8')) as CallerPlan;
  const seen = new Set(readSightings(plan.sightingsFile).map(({ key }) => key));
  const client = await until('a connection', () => MainspringClient.connect({ home: plan.home }), {
    limitMs: CONNECT_LIMIT_MS,
  });
  const open = plan.calls.filter(({ key }) => !seen.has(key));
  await Promise.all(open.map((call) => callWhenDue(client, plan, call)));
  await client.close();
}

async function callWhenDue(
  client: MainspringClient,
  { startedAtMs, sightingsFile }: CallerPlan,
  { key, server, atMs }: CallerPlan['calls'][number],
): Promise<void> {
  await sleep(Math.max(0, startedAtMs + atMs - Date.now()));
  for (;;) {
    try {
      const outcome = await client.callTool(
        server,
        'count',
        { line: key },
        { idempotencyKey: key },
      );
      appendSighting(sightingsFile, sightingOf(key, outcome));
      process.send?.(key);
      return;
    } catch (error) {
      console.error(`${new Date().toISOString()} ${key}: ${String(error)}`);
      await sleep(RETRY_MS);
    }
  }
}

main(process.argv[2] ?? '').then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
