import { type MainspringClient } from '../../src/client/mainspring-client';
import { type CallOutcome, type Outcome } from '../../src/domain/calls/calls';
import { until } from './until';

/** On a machine that is too busy for the rate, a longer backlog would only make all calls too late. */
const MOST_AT_ONCE = 60;

/** Calls that come at a steady rate, whatever becomes of those before. */
export interface Load {
  /** Of the calls that have ended, in the order of their end. */
  readonly outcomes: readonly CallOutcome[];
  readonly submitted: number;
  /** Resolves when so many more calls have been answered. */
  answered(more: number): Promise<void>;
  /**
   * Submits no more until every call has an outcome, and then one: nothing waits, and that one is in flight. A busy machine
   * might have more of them at every moment otherwise.
   */
  caughtUp(): Promise<void>;
  /** Submits no more, and resolves with all outcomes when every call has ended. */
  end(): Promise<readonly CallOutcome[]>;
}

/** Call number n is `count` with the line `<n>`. */
export function startLoad(client: MainspringClient, server: string, perSecond: number): Load {
  const outcomes: CallOutcome[] = [];
  const failures: unknown[] = [];
  const calls: Promise<unknown>[] = [];
  let isPaused = false;
  const submit = () => {
    if (isPaused || calls.length - outcomes.length - failures.length >= MOST_AT_ONCE) return;
    const line = String(calls.length);
    const call = client.callTool(server, 'count', { line });
    calls.push(
      call.then(
        (outcome) => outcomes.push(outcome),
        (error: unknown) => failures.push(error),
      ),
    );
  };
  const timer = setInterval(submit, 1_000 / perSecond);
  const ok = () => outcomes.filter(({ outcome }) => outcome === 'ok').length;
  return {
    outcomes,
    get submitted() {
      return calls.length;
    },
    async answered(more) {
      const goal = ok() + more;
      await until(`${more} more answers`, () => ok() >= goal);
    },
    async caughtUp() {
      isPaused = true;
      await until('every call has ended', () => {
        if (failures.length > 0) throw new AggregateError(failures, String(failures[0]));
        return outcomes.length === calls.length;
      });
      isPaused = false;
      submit();
    },
    async end() {
      clearInterval(timer);
      await Promise.all(calls);
      if (failures.length > 0) throw new AggregateError(failures, String(failures[0]));
      return outcomes;
    },
  };
}

/** How many calls ended in which way. */
export function tally(outcomes: readonly { outcome: Outcome }[]): Partial<Record<Outcome, number>> {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
