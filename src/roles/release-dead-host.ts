import {
  ActivityCancelledError,
  type ActivityExecutionDescription,
  ActivityNotFoundError,
  ApplicationFailure,
  type Client,
} from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import { createLimiter, type Limiter } from '../async/limiter';
import { type HostControlActivities } from '../domain/activity-types';
import { pendingActivity } from '../client/pending-activity';
import { isRetriedInDoubt, countPossiblySent } from '../domain/calls/call-attempts';
import { type CallFailureDetails, type CallHeartbeat, type CallInput } from '../domain/calls/calls';
import { type LostHost } from '../domain/hosts/hosts';
import { callQueue, hostActivityId, parseSessionId } from '../domain/names';

/** Concurrent requests to Temporal. */
const PARALLEL = 16;
/** Longest request that ends an attempt, in ms: a late one would end the attempt of the next owner. */
const END_LIMIT_MS = 1_000;
/** Longer than that limit, in ms: if the answer of such a request is lost and it is repeated, it finds no attempt under way. */
const NEXT_ATTEMPT_MS = 2_000;

export interface DeadHost {
  hostId: string;
  /** Identity by which Temporal knows the workers of its process. */
  identity: string;
  /** Whether it may have sent this attempt of a call. */
  wasSent: (callId: string, attempt: number) => boolean;
}

export interface ReleasedWork {
  sessions: string[];
  calls: string[];
}

/**
 * Ends what a host process held in Temporal when it died, which would otherwise last until its heartbeats time out. Only for a
 * process that is certainly gone, and by one process at a time: an attempt that has a new owner must not be ended.
 */
export async function releaseDeadHost(client: Client, dead: DeadHost): Promise<ReleasedWork> {
  const { hostId, identity } = dead;
  const turns = createLimiter(PARALLEL);
  await releasePresence(client, hostId, identity);
  const sessions = await releaseSessions(client, turns, hostId, identity);
  const names = new Set(sessions.flatMap((id) => parseSessionId(id)?.name ?? []));
  const calls = await Promise.all(
    [...names].map((name) => releaseCalls(client, turns, name, dead)),
  );
  return { sessions, calls: calls.flat() };
}

async function releasePresence(client: Client, hostId: string, identity: string): Promise<void> {
  const activityId = hostActivityId(hostId);
  const presence = client.activity.getHandle<HostControlActivities['runHost']>(activityId);
  const found = await unlessGone(() => presence.describe());
  if (!found || !isHeldBy(found, identity)) return;
  await end(client, { activityId }, hostLost(hostId));
}

async function releaseSessions(
  client: Client,
  turns: Limiter,
  hostId: string,
  identity: string,
  /** Time after which an attempt must have begun, in ms. */
  sinceMs = 0,
): Promise<string[]> {
  const query = `WorkflowType = 'mcpSession' AND ExecutionStatus = 'Running'`;
  const given: Promise<string[]>[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) {
    const look = async () => {
      const activity = await pendingActivity(client, workflowId);
      if (!activity?.isHeld) return [];
      const { activityId, lastWorkerIdentity, lastStartedTime } = activity.raw;
      if (!activityId || lastWorkerIdentity !== identity) return [];
      if (sinceMs > 0 && !(lastStartedTime && tsToMs(lastStartedTime) > sinceMs)) return [];
      await end(client, { workflowId, activityId }, hostLost(hostId));
      return [workflowId];
    };
    given.push(turns(look, NEVER));
  }
  return (await Promise.all(given)).flat();
}

/**
 * Ends the attempts that the open polls of a silent host have received: nobody works on them, and each would last until
 * its own heartbeat timeout. Attempts that it had before end by themselves, when it cannot believe anymore that it owns
 * them.
 */
export async function releaseSwallowedCalls(
  client: Client,
  { id, identity, lastSeenAtMs }: LostHost,
): Promise<void> {
  const turns = createLimiter(PARALLEL);
  await releaseSessions(client, turns, id, identity, lastSeenAtMs);
}

async function releaseCalls(
  client: Client,
  turns: Limiter,
  name: string,
  dead: DeadHost,
): Promise<string[]> {
  const ofQueue = `TaskQueue = '${callQueue(name)}'`;
  const given: Promise<string[]>[] = [];
  for await (const { activityId } of client.activity.list(
    `${ofQueue} AND ExecutionStatus = 'Running'`,
  )) {
    const look = async () => {
      const call = client.activity.getHandle(activityId);
      const found = await unlessGone(() =>
        call.describe({ includeInput: true, includeHeartbeatDetails: true }),
      );
      if (!found || !isHeldBy(found, `${dead.identity}/${name}`)) return [];
      const [input] = (await found.getInput<[CallInput]>()) ?? [];
      if (!input) return [];
      const isCall = found.activityType === 'callTool';
      const failure = isCall ? lostCall(found, input, dead) : hostLost(dead.hostId);
      if (isCall && isRetriedInDoubt(found.retryPolicy)) await account(client, found, dead);
      await end(client, { activityId }, failure);
      return [activityId];
    };
    given.push(turns(look, NEVER));
  }
  return (await Promise.all(given)).flat();
}

/** Whether a worker of the process has it, and it is not waiting for its next attempt. */
function isHeldBy(
  { status, runState, lastWorkerIdentity = '' }: ActivityExecutionDescription,
  identity: string,
): boolean {
  if (status !== 'RUNNING' || runState === 'SCHEDULED') return false;
  return lastWorkerIdentity === identity || lastWorkerIdentity.startsWith(`${identity}/`);
}

function hostLost(hostId: string): ApplicationFailure {
  const message = `the process of host ${hostId} is gone`;
  return ApplicationFailure.create({ message, type: 'HOST_LOST', nextRetryDelay: '1 ms' });
}

/**
 * Returns the end of a call that the host may have sent, which is never known; only what is declared safe to repeat is
 * retried then.
 */
function lostCall(
  { retryPolicy, scheduleTime, lastStartedTime, attempt, activityId }: ActivityExecutionDescription,
  { tool, server, digest }: CallInput,
  { hostId, wasSent }: DeadHost,
): ApplicationFailure {
  const now = Date.now();
  const startedAtMs = lastStartedTime?.getTime() ?? now;
  const queuedMs = Math.max(0, startedAtMs - (scheduleTime?.getTime() ?? startedAtMs));
  const details = (outcome: CallFailureDetails['outcome'], ranMs: number): [CallFailureDetails] => [
    { outcome, digest, queuedMs, ranMs, hostLost: true },
  ];
  if (!wasSent(activityId, attempt)) {
    const message = `host ${hostId} died before sending the call`;
    return ApplicationFailure.create({
      message,
      type: 'NOT_SENT',
      nextRetryDelay: NEXT_ATTEMPT_MS,
      details: details('failed', 0), // a cancellation makes this the end of the call
    });
  }
  if (isRetriedInDoubt(retryPolicy)) return hostLost(hostId);
  const message = `The host of "${server}" (${hostId}) died during the call. It is unknown whether "${tool}" ran.`;
  return ApplicationFailure.create({
    message,
    type: 'OUTCOME_UNKNOWN',
    nonRetryable: true,
    details: details('unknown', Math.max(0, now - startedAtMs)),
  });
}

/** Reports in place of the dead host how many attempts have reached the server: it may have had no time for a heartbeat. */
async function account(
  client: Client,
  call: ActivityExecutionDescription,
  { wasSent }: DeadHost,
): Promise<void> {
  const { activityId, attempt } = call;
  const last = (await call.getHeartbeatDetails<CallHeartbeat | null>()) ?? undefined;
  if (last?.upTo === attempt) return; // it has reported that itself
  const before = countPossiblySent({ attempt, inDoubt: true, heartbeat: last });
  const sent = before + (wasSent(activityId, attempt) ? 1 : 0);
  const said: CallHeartbeat = { sent, upTo: attempt, ...(last?.tries && { tries: last.tries }) };
  await client.activity.heartbeat({ activityId }, said).catch((error: unknown) => {
    // The next attempt then counts what it cannot know of.
    if (!(error instanceof ActivityCancelledError) && !(error instanceof ActivityNotFoundError)) {
      throw error;
    }
  });
}

async function end(
  client: Client,
  activity: { workflowId?: string; activityId: string },
  why: ApplicationFailure,
): Promise<void> {
  await client.withDeadline(Date.now() + END_LIMIT_MS, () =>
    unlessGone(() => client.activity.fail(activity, why)),
  );
}

/** Returns undefined when it has ended meanwhile, or has never existed. */
async function unlessGone<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ActivityNotFoundError) return undefined;
    throw error;
  }
}

const NEVER = new AbortController().signal;
