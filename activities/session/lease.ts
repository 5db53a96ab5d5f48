import { Context } from '@temporalio/activity';
import { ActivityCancelledError, ActivityNotFoundError, type Client } from '@temporalio/client';
import { HEARTBEAT_INTERVAL_MS } from '../../src/domain/limits';
import { type SessionHeartbeat } from '../../src/domain/entity/session';
import { machineClock } from '../../src/base/machine-clock';
import { placeOf } from '../host/heartbeat-now';

/** Why an owner must stop at once: Temporal has given the session to somebody else, or may have. */
type LeaseLoss = 'ended by Temporal' | 'no heartbeat was delivered within the timeout';

export interface Lease {
  /** Whether this host may still act as the owner. Ask right before anything that cannot be taken back. */
  isHeld(): boolean;
  readonly lost: Promise<LeaseLoss>;
  /** Somebody asked to stop; a cluster without worker commands says so only in answers to heartbeats. */
  readonly cancelRequested: Promise<void>;
  /** Sends a heartbeat now; resolves when it has got through, or when it has not. */
  beat(): Promise<void>;
  close(): void;
}

/**
 * The right to own a session. It lasts from the sending of the last heartbeat that Temporal confirmed until the
 * heartbeat timeout: by then Temporal hands the session to another host. `Context.heartbeat` confirms nothing
 * and is throttled, so the lease has requests of its own. A machine that has slept, or whose clock was set forward, cannot tell
 * what others have done meanwhile: the lease is not held until Temporal confirms it anew.
 */
export function openLease(
  client: Client,
  timeoutMs: number,
  details: () => SessionHeartbeat,
  now = machineClock(),
): Lease {
  const context = Context.current();
  const { taskToken } = context.info;
  const place = placeOf(context);
  let confirmed = now();
  // It sends what it is told by itself, perhaps later than what is sent here: that must not be what the first heartbeat says.
  let toldWorkerAt = confirmed.reading.monotonicMs;
  let isLost = false;
  let lose: (why: LeaseLoss) => void = () => undefined;
  const lost = new Promise<LeaseLoss>((resolve) => {
    lose = (why) => {
      isLost = true;
      clearInterval(timer);
      resolve(why);
    };
  });
  let askToStop: () => void = () => undefined;
  const cancelRequested = new Promise<void>((resolve) => (askToStop = resolve));

  const isExpired = () => now().passedMs - confirmed.passedMs > timeoutMs;
  const beat = async () => {
    const sent = now();
    const sentAt = sent.reading.monotonicMs;
    // First of all: a host that was frozen must not extend a lease that has run out meanwhile.
    if (sentAt - confirmed.reading.monotonicMs > timeoutMs) {
      return lose('no heartbeat was delivered within the timeout');
    }
    // Each of them is a write to Temporal's database: the worker's own watch is content with two per timeout.
    if (sentAt - toldWorkerAt >= timeoutMs / 2) {
      toldWorkerAt = sentAt;
      context.heartbeat(details());
    }
    try {
      await client.activity.heartbeat(taskToken, details(), place);
      if (sent.passedMs > confirmed.passedMs) confirmed = sent; // answers may come out of order
    } catch (error) {
      if (error instanceof ActivityNotFoundError) lose('ended by Temporal');
      else if (error instanceof ActivityCancelledError) {
        confirmed = sent;
        askToStop();
      } // anything else is trouble on the way: the next beat tries again
    }
  };
  const timer = setInterval(() => void beat(), HEARTBEAT_INTERVAL_MS);
  const first = beat();

  return {
    isHeld: () => !isLost && !isExpired(),
    lost,
    cancelRequested,
    beat() {
      toldWorkerAt = Number.NEGATIVE_INFINITY; // what the worker knows goes along with a failure
      return first.then(beat); // or the older one might arrive later
    },
    close: () => clearInterval(timer),
  };
}
