import { MainspringError } from '../../../base/errors';
import { type ServerSnapshot } from '../../../domain/messages';
import { waitingWithOneMore } from '../../../domain/calls/queue-length';
import { STATES } from '../../../domain/states';
import { queueLength } from './queue-length';
import { type ClientContext } from '../../context';
import { DEFAULT_QUEUED_CALLS } from '../../../domain/spec';

/** Age of an answer after which Temporal is queried again, in ms, only while calls are submitted. */
const MAX_AGE_MS = 1_000;

/** Place of one call of this client in the queue, from its submission to its end. */
export interface QueuePlace {
  /** Marks that somebody waits for the end of the call, and will report it. */
  keep(): void;
  leave(): void;
}

interface OpenCall {
  submittedAt: number;
  /** Whether somebody reports its end; otherwise only Temporal knows whether it still waits. */
  isKept: boolean;
}

interface Queue {
  /** Backlog as Temporal counts it: calls whose queue time is over are in it until the server takes calls again. */
  backlog: number;
  /** Time at which the newest answer was requested. */
  askedAt: number;
  isAsking: boolean;
  readonly open: Set<OpenCall>;
}

/**
 * Counts how many calls wait for each server: this client's own exactly, those of others as Temporal reports. No call
 * waits for that answer: it counts for those that come after it.
 */
export class QueuePlaces {
  readonly #queues = new Map<string, Queue>();

  constructor(private readonly context: ClientContext) {}

  /** Prepares a submission: queries Temporal in the background unless that was done a moment ago. */
  refresh(server: string): void {
    const queue = this.#of(server);
    if (queue.isAsking || performance.now() - queue.askedAt <= MAX_AGE_MS) return;
    queue.isAsking = true;
    void this.#query(server, queue)
      .catch(() => undefined) // Temporal is unavailable, or the queue does not exist yet: the last answer counts on
      .finally(() => (queue.isAsking = false));
  }

  /** Returns why one more call would be too many; undefined when there is room. */
  refusal({ name, state, signed }: ServerSnapshot): MainspringError | undefined {
    const { limits, replicas = 1 } = signed.spec;
    const { queuedCalls = DEFAULT_QUEUED_CALLS, concurrentCalls } = limits;
    const { backlog, askedAt, open } = this.#of(name);
    const slots = STATES[state].calls === 'run' ? concurrentCalls * replicas : 0;
    // Counting is cheap, but not for every call of an empty queue.
    const openSince = backlog === 0 ? 0 : countSince(open, askedAt);
    const waiting = waitingWithOneMore({ backlog, openSince, open: open.size, slots });
    if (waiting <= queuedCalls) return undefined;
    const found = `${waiting - 1} calls are waiting for "${name}", and "limits.queuedCalls" is ${queuedCalls}`;
    return new MainspringError('QUEUE_FULL', `${found}. The call was not sent.`);
  }

  enter(server: string): QueuePlace {
    const { open } = this.#of(server);
    const call: OpenCall = { submittedAt: performance.now(), isKept: false };
    open.add(call);
    return {
      keep: () => {
        call.isKept = true;
        open.add(call);
      },
      leave: () => void open.delete(call),
    };
  }

  async #query(server: string, queue: Queue): Promise<void> {
    const askedAt = performance.now();
    queue.backlog = await queueLength(this.context, server);
    queue.askedAt = askedAt;
    for (const call of queue.open) {
      if (!call.isKept && call.submittedAt < askedAt) queue.open.delete(call);
    }
  }

  #of(server: string): Queue {
    const known = this.#queues.get(server);
    if (known) return known;
    const queue: Queue = { backlog: 0, askedAt: -Infinity, isAsking: false, open: new Set() };
    this.#queues.set(server, queue);
    return queue;
  }
}

function countSince(open: ReadonlySet<OpenCall>, askedAt: number): number {
  let count = 0;
  for (const { submittedAt } of open) if (submittedAt >= askedAt) count++;
  return count;
}
