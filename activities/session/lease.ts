import { Context } from '@temporalio/activity';
import { ActivityCancelledError, ActivityNotFoundError, type Client } from '@temporalio/client';
import { type Rounds } from '../../src/async/rounds';
import { type SessionHeartbeat } from '../../src/domain/entity/session';
import { isHeartbeatDue } from '../../src/domain/hosts/heartbeat-due';
import { machineClock } from '../../src/base/machine-clock';
import { placeOf } from '../host/heartbeat-now';

/** Why an owner must stop at once: Temporal has given the session to somebody else, or may have. */
type LeaseLoss = 'ended by Temporal' | 'no heartbeat was delivered within the timeout';

export interface Lease {
  /** Whether this host may still act as the owner. Check right before anything that cannot be undone. */
  isHeld(): boolean;
  readonly lost: Promise<LeaseLoss>;
  /** Resolves when a stop is requested; a cluster without worker commands reports that only in answers to heartbeats. */
  readonly cancelRequested: Promise<void>;
  /** Sends a heartbeat now; resolves when it has got through, or has failed. */
  beat(): Promise<void>;
  close(): void;
}

/** Shortest time between heartbeats by the worker itself, in ms: those of the lease are the ones that count. */
const WORKER_BEAT_MS = 5_000;

export interface LeaseDeps {
  client: Client;
  /** Rounds in which the sessions of this host send their heartbeats. */
  heartbeatRounds: Rounds;
}

/**
 * Opens the lease: the right to own a session. It lasts from the sending of the last heartbeat that Temporal confirmed
 * until the heartbeat timeout: by then Temporal hands the session to another host. `Context.heartbeat` confirms nothing
 * and is throttled, so the lease has requests of its own. A machine that has slept, or whose clock was set forward,
 * cannot tell what others have done meanwhile: the lease is not held until Temporal confirms it anew.
 */
export function openLease(
  { client, heartbeatRounds }: LeaseDeps,
  timeoutMs: number,
  details: () => SessionHeartbeat,
  now = machineClock(),
): Lease {
  const context = Context.current();
  const { taskToken } = context.info;
  const place = placeOf(context);
  let confirmed = now();
  // The worker sends its details by itself, perhaps later than what is sent here: those must not be of the first heartbeat.
  let workerBeatAt = confirmed.reading.monotonicMs;
  let isLost = false;
  let lose: (why: LeaseLoss) => void = () => undefined;
  const lost = new Promise<LeaseLoss>((resolve) => {
    lose = (why) => {
      isLost = true;
      leaveRounds();
      resolve(why);
    };
  });
  let requestStop: () => void = () => undefined;
  const cancelRequested = new Promise<void>((resolve) => (requestStop = resolve));

  const isExpired = () => now().passedMs - confirmed.passedMs > timeoutMs;
  const beat = async () => {
    const sent = now();
    const sentAt = sent.reading.monotonicMs;
    // First of all: a host that was frozen must not extend a lease that has expired meanwhile.
    if (sentAt - confirmed.reading.monotonicMs > timeoutMs) {
      return lose('no heartbeat was delivered within the timeout');
    }
    // Each of them is a write to Temporal's database. The worker's own check allows the timeout and 5 s more.
    if (sentAt - workerBeatAt >= Math.max(timeoutMs / 2, WORKER_BEAT_MS)) {
      workerBeatAt = sentAt;
      context.heartbeat(details());
    }
    try {
      await client.activity.heartbeat(taskToken, details(), place);
      if (sent.passedMs > confirmed.passedMs) confirmed = sent; // answers may come out of order
    } catch (error) {
      if (error instanceof ActivityNotFoundError) lose('ended by Temporal');
      else if (error instanceof ActivityCancelledError) {
        confirmed = sent;
        requestStop();
      } // anything else is trouble on the way: the next beat tries again
    }
  };
  const leaveRounds = heartbeatRounds.add((round) => {
    const sinceConfirmedMs = now().passedMs - confirmed.passedMs;
    if (isHeartbeatDue(round, sinceConfirmedMs, timeoutMs)) void beat();
  });
  const first = beat();

  return {
    isHeld: () => !isLost && !isExpired(),
    lost,
    cancelRequested,
    beat() {
      workerBeatAt = Number.NEGATIVE_INFINITY; // the details that the worker has go along with a failure
      return first.then(beat); // or the older one might arrive later
    },
    close: leaveRounds,
  };
}
