import {
  getExternalWorkflowHandle,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { type SessionActivities } from '../src/domain/activity-types';
import { type EntityState } from '../src/domain/entity/entity';
import { CONTROL_TIMEOUT_MS, WORKFLOW_TASK_TIMEOUT_MS } from '../src/domain/limits';
import { controlQueue, sessionWorkflowId } from '../src/domain/names';
import { type SessionReady } from '../src/domain/entity/session';
import { sessionEndSignal } from './messages';
import { sessionAttributesOf } from './presentation';
import { mcpSession } from './session';
import { type SignedSpec } from '../src/domain/trust/signed-spec';

/** Starts a session of the current generation; 0 is the first, others share its queue. */
export async function startSession(entity: EntityState, replica: number): Promise<void> {
  const { name, generation, signed, isolation } = entity;
  const entityId = workflowInfo().workflowId;
  const input = { name, generation, signed, entityId, isolation };
  const number = replica === 0 ? '' : `, replica ${replica}`;
  await startChild(mcpSession, {
    workflowId: sessionWorkflowId(name, generation, replica),
    args: [replica === 0 ? input : { ...input, replica }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
    typedSearchAttributes: sessionAttributesOf(entity),
    staticSummary: `${name}, generation ${generation}${number}`,
  });
}

/** Requests the end of a session; fails when it has ended already. */
export async function endSession(name: string, generation: number, replica: number): Promise<void> {
  const session = getExternalWorkflowHandle(sessionWorkflowId(name, generation, replica));
  // Cancelling what has ended succeeds; only a signal shows that the session is gone.
  await Promise.all([session.signal(sessionEndSignal), session.cancel()]);
}

/** Sends the isolation to the owner of a session. */
export async function notifyOwner(entity: EntityState, replica: number): Promise<void> {
  const { name, generation, isolation } = entity;
  const owner = proxyActivities<SessionActivities>({
    taskQueue: controlQueue(name, replica),
    scheduleToStartTimeout: CONTROL_TIMEOUT_MS,
    startToCloseTimeout: CONTROL_TIMEOUT_MS,
    summary: `notify the owner of ${name}`,
  });
  await owner.applyIsolation({ generation, isolation });
}

/** Whether the references of the spec have other values now for the owner of the first session. */
export async function haveValuesChanged({ name, generation }: EntityState): Promise<boolean> {
  const owner = proxyActivities<SessionActivities>({
    taskQueue: controlQueue(name, 0),
    scheduleToStartTimeout: CONTROL_TIMEOUT_MS,
    startToCloseTimeout: CONTROL_TIMEOUT_MS,
    retry: { maximumAttempts: 1 },
    summary: `check whether the values of ${name} have changed`,
  });
  // A lost owner has a successor, which resolves them.
  return owner.haveValuesChanged({ generation }).catch(() => false);
}

/** Makes the owner of a session replace its child by one with this spec. */
export async function replaceChild(
  { name, generation }: EntityState,
  replica: number,
  signed: SignedSpec,
  reason: string,
): Promise<SessionReady> {
  const { startMs, stopMs } = signed.spec.timeouts;
  const owner = proxyActivities<SessionActivities>({
    taskQueue: controlQueue(name, replica),
    scheduleToStartTimeout: CONTROL_TIMEOUT_MS,
    startToCloseTimeout: startMs + stopMs + CONTROL_TIMEOUT_MS,
    retry: { maximumAttempts: 1 },
    summary: `replace the child of ${name}: ${reason}`,
  });
  return owner.replaceChild({ generation, signed, reason });
}
