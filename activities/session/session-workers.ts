import { Worker } from '@temporalio/worker';
import { type CallActivities, type SessionActivities } from '../../src/domain/activity-types';
import { callQueue, controlQueue } from '../../src/domain/names';
import { callSlots } from '../calls/call-slots';
import { callTool } from '../calls/call-tool';
import { endForWaiters } from '../calls/end-for-waiters';
import { type HostDeps } from '../deps';
import { mcpRequest } from '../calls/mcp-request';
import { signedOnly } from '../refuse-unsigned';
import { type Session } from './session';
import { verifiedCalls } from '../calls/verified-calls';

/** Time beyond the grace for calls, in ms: an activity that does not end then must not keep the host. */
const FORCE_AFTER_GRACE_MS = 1_000;
/** Restarts and reloads of one server run one after the other. */
const CONTROL_SLOTS = 2;
/** One poller per queue: a second one of a frozen host would swallow retries that another host could run. */
export const ONE_POLLER = { type: 'simple-maximum', maximum: 1 } as const;

export interface SessionWorkers {
  /** Resolves with the reason when a worker ended without a request. */
  readonly broken: Promise<string>;
  /** Takes no more tasks, gives those in flight the grace, and ends. Safe to call again. */
  close(): Promise<void>;
}

/** Opens the queues of one server: from now on this host runs its calls. */
export async function openSessionWorkers(
  deps: HostDeps,
  session: Session,
  control: SessionActivities,
): Promise<SessionWorkers> {
  const { name, spec, generation, epoch, replica } = session;
  const { namespace } = deps;
  const own = replica === 0 ? undefined : await deps.connect();
  const connection = own ?? deps.connection;
  const calls: CallActivities = verifiedCalls(name, {
    callTool: (input) => endForWaiters(deps, input.callId, () => callTool(deps, session, input)),
    mcpRequest: (input) => mcpRequest(deps, session, input),
  });
  const common = {
    ...signedOnly(deps.key),
    connection,
    namespace,
    identity: `${deps.identity}/${name}/${generation}.${epoch}${replica ? `/${replica}` : ''}`,
    shutdownGraceTime: spec.timeouts.stopMs,
    shutdownForceTime: spec.timeouts.stopMs + FORCE_AFTER_GRACE_MS,
    activityTaskPollerBehavior: ONE_POLLER,
    maxHeartbeatThrottleInterval: '1 s',
  } as const;
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: callQueue(name),
      activities: { ...calls },
      tuner: callSlots(session, spec.limits.concurrentCalls),
    }),
    Worker.create({
      ...common,
      taskQueue: controlQueue(name, replica),
      activities: { ...control },
      maxConcurrentActivityTaskExecutions: CONTROL_SLOTS,
    }),
  ]);
  const runs = workers.map((worker) =>
    worker.run().then(
      () => 'a worker of the session ended',
      (error: unknown) => `a worker of the session failed: ${String(error)}`,
    ),
  );
  const close = async () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(runs);
    await own?.close();
  };
  let closing: Promise<void> | undefined;
  return { broken: Promise.race(runs), close: () => (closing ??= close()) };
}
