import {
  type ActivityExecutionDescription,
  ActivityExecutionAlreadyStartedError,
  ActivityNotFoundError,
  type Client,
} from '@temporalio/client';
import { MainspringError } from '../../../base/errors';
import { RETENTION_DAYS } from '../../../domain/limits';
import { RESUBMISSION_QUEUE, resubmissionActivityId } from '../../../domain/names';

/** Most submissions of the same key after it did not run (`~2`, `~3`, …). */
const MAX_RESUBMISSIONS = 100;
/**
 * Time after its end in which a call that did not run may have a successor, in ms; Temporal then keeps it for at least
 * one more day. No client takes that long from looking up a key to submitting it, so that none finds its id free while
 * the successor counts.
 */
const RESUBMIT_WITHIN_MS = (RETENTION_DAYS - 1) * 24 * 3_600_000;
/** Lifetime of the markers of further submissions: the last successor has ended before the first of its markers is gone. */
const RESUBMISSION_LASTS_MS = 2 * RETENTION_DAYS * 24 * 3_600_000;

/** Key that a caller has chosen, of one server. */
export interface CallerKey {
  server: string;
  keyDigest: string;
}

/** Submissions of a key, and since when it is submitted again. */
export interface KeyChain {
  /** Number of the submission that counts: those before it did not run. */
  number: number;
  /** Time at which the second one was permitted, if it was, in ms. */
  againSinceMs: number | undefined;
}

/**
 * Looks up which submission of a key counts. Temporal deletes the earlier ones first, and their ids would be free again
 * while a later one still answers for the key: so each further submission has a marker of its own, which outlives it. A
 * key that was submitted once costs one lookup of an id that does not exist.
 */
export async function findKeyChain(client: Client, key: CallerKey): Promise<KeyChain> {
  let againSinceMs: number | undefined;
  for (let number = 1; ; number++) {
    const sign = await findSign(client, key, number + 1);
    if (!sign) return { number, againSinceMs };
    againSinceMs ??= sign.scheduleTime?.getTime() ?? 0;
  }
}

/**
 * Permits the submission after one that did not run.
 *
 * @param ended - the one that did not run
 * @throws MainspringError IDEMPOTENCY_CONFLICT when it comes too late, or too often
 */
export async function permitNext(
  client: Client,
  key: CallerKey,
  { number, againSinceMs }: KeyChain,
  ended: ActivityExecutionDescription,
): Promise<KeyChain> {
  if (number >= MAX_RESUBMISSIONS) {
    throw refusal(`was submitted ${MAX_RESUBMISSIONS} times, but the call never ran`);
  }
  const now = Date.now();
  const endedAtMs = ended.closeTime?.getTime() ?? now;
  if (now - Math.min(endedAtMs, againSinceMs ?? now) > RESUBMIT_WITHIN_MS) {
    throw refusal(`was submitted more than ${RETENTION_DAYS - 1} days ago, but the call never ran`);
  }
  await startMarker(client, key, number + 1);
  return { number: number + 1, againSinceMs: againSinceMs ?? now };
}

function refusal(why: string): MainspringError {
  const message = `The key ${why}.`;
  return new MainspringError('IDEMPOTENCY_CONFLICT', message, { fix: 'Use a new key.' });
}

async function findSign(
  client: Client,
  { server, keyDigest }: CallerKey,
  number: number,
): Promise<ActivityExecutionDescription | undefined> {
  const id = resubmissionActivityId(server, keyDigest, number);
  try {
    return await client.activity.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ActivityNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Starts a marker: an execution that no worker takes. It times out by itself, and Temporal then keeps it as long as it
 * keeps calls.
 */
async function startMarker(client: Client, key: CallerKey, number: number): Promise<void> {
  try {
    await client.activity.start('resubmission', {
      id: resubmissionActivityId(key.server, key.keyDigest, number),
      taskQueue: RESUBMISSION_QUEUE,
      summary: `submission ${number} of a key`,
      scheduleToStartTimeout: RESUBMISSION_LASTS_MS,
      scheduleToCloseTimeout: RESUBMISSION_LASTS_MS,
      retry: { maximumAttempts: 1 },
      idReusePolicy: 'REJECT_DUPLICATE',
      idConflictPolicy: 'FAIL',
    });
  } catch (error) {
    if (!(error instanceof ActivityExecutionAlreadyStartedError)) throw error;
  }
}
