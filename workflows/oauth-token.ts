import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { type GrantActivities } from '../src/domain/activity-types';
import { READ_ANSWER } from '../src/domain/messages';
import {
  GRANTED_SIGNAL,
  type GrantView,
  RENEW_UPDATE,
  renewAtMs,
  type RenewInput,
  renewRetryMs,
  type TokenInput,
} from '../src/domain/oauth/oauth';
import { answerReads } from './answer-reads';
import { described } from './described';
import { showToken } from './oauth-details';
import { ENTITY_HISTORY_LIMIT } from './history-limit';

/**
 * Answers with a grant that is newer than the stale one, or with one that has ended; null when there is none. An answer
 * that is already known comes as the failure READ_ANSWER of its validator, which leaves nothing in the history.
 */
export const renewUpdate = defineUpdate<GrantView | null, [RenewInput]>(RENEW_UPDATE);
/** Reports that a user has logged in, or out (null). */
export const grantedSignal = defineSignal<[GrantView | null]>(GRANTED_SIGNAL);

/** Longest time between two heartbeats of a renewal: after that its worker is lost, and another one tries. */
const HEARTBEAT_TIMEOUT = '10 s';
const ATTEMPT_TIMEOUT = '40 s';
/** Attempts of one round; then its requesters get the failure, and the next round starts by itself. */
const ATTEMPTS = 3;

interface Failed {
  failure: ApplicationFailure;
  /** Number of failed rounds in a row. */
  rounds: number;
  retryAtMs: number;
}

/**
 * Renews one grant: the only place where its refresh token is used, so that it is used once, however many request a
 * renewal. It sees versions and times; tokens stay in the store. It lives as long as there is something to renew, and
 * is started by whoever needs it.
 */
export async function mcpToken({ server, principal, carried }: TokenInput): Promise<void> {
  let view: GrantView | null | undefined = carried;
  let failed: Failed | undefined;
  /** Highest version that a requester could not use. */
  let asked: number | undefined;
  let rounds = 0;
  let news = 0;
  const { renewGrant } = proxyActivities<GrantActivities>({
    startToCloseTimeout: ATTEMPT_TIMEOUT,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '500 ms', maximumAttempts: ATTEMPTS },
    summary: `renew the access to ${server}`,
  });
  const settles = ({ staleVersion }: RenewInput) =>
    view === null || (view && (view.ended !== undefined || view.version > staleVersion));

  setHandler(
    renewUpdate,
    async (input: RenewInput) => {
      for (;;) {
        if (view !== undefined && settles(input)) return view;
        const seen = { rounds, news };
        asked = Math.max(asked ?? 0, input.staleVersion);
        await condition(() => rounds > seen.rounds || news > seen.news);
        if (failed && news === seen.news) throw failed.failure;
      }
    },
    {
      ...described(renewUpdate),
      validator: (input: RenewInput) => {
        if (!view || !settles(input)) return;
        throw ApplicationFailure.create({ type: READ_ANSWER, details: [view] });
      },
    },
  );
  setHandler(
    grantedSignal,
    (granted) => {
      view = granted;
      failed = undefined;
      news++;
    },
    described(grantedSignal),
  );
  answerReads(() => view ?? null);

  for (;;) {
    showToken({ server, principal }, view, failed);
    const dueMs = view ? (failed?.retryAtMs ?? renewAtMs(view)) : undefined;
    const isBusy = () => asked !== undefined;
    const seen = news;
    const hasNews = () => isBusy() || news > seen;
    if (dueMs === undefined) {
      await condition(() => hasNews() || allHandlersFinished());
      // Without a time to wait for there is nothing to do until the next request.
      if (!hasNews()) return;
    } else if (dueMs > Date.now()) {
      if (isTimeToContinue() && !isBusy()) {
        await continueAsNew<typeof mcpToken>({ server, principal, ...(view && { carried: view }) });
      }
      await condition(() => hasNews() || isTimeToContinue(), dueMs - Date.now());
    }
    if (news > seen || (!isBusy() && (dueMs === undefined || dueMs > Date.now()))) continue;
    const staleVersion: number = asked ?? view?.version ?? 0;
    asked = undefined;
    try {
      const renewed: GrantView | null = await renewGrant({ server, principal, staleVersion });
      // News of a login or a logout that arrived meanwhile is newer.
      if (news === seen) view = renewed;
      failed = undefined;
    } catch (error) {
      const times = (failed?.rounds ?? 0) + 1;
      failed = {
        failure: failureOf(error),
        rounds: times,
        retryAtMs: Date.now() + renewRetryMs(times),
      };
    }
    // Requests that arrived meanwhile have their answer too, whatever it is, unless it is older than what they have.
    if (failed || (asked !== undefined && settles({ staleVersion: asked }))) asked = undefined;
    rounds++;
  }
}

function isTimeToContinue(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return (continueAsNewSuggested || historyLength > ENTITY_HISTORY_LIMIT) && allHandlersFinished();
}

function failureOf(error: unknown): ApplicationFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    return ApplicationFailure.nonRetryable(cause.message, cause.type ?? 'INTERNAL_ERROR');
  }
  const message = 'the control worker was lost while renewing the access token';
  return ApplicationFailure.nonRetryable(message, 'CONNECTION_FAILED');
}
