import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
} from '@temporalio/workflow';
import { type HostActivities } from '../src/domain/activity-types';
import { ERROR_FIXES, isErrorCode } from '../src/base/errors';
import { placementQueue } from '../src/domain/names';
import { type SessionExited, type SessionInput } from '../src/domain/entity/session';
import { sessionExitedSignal } from './messages';

/** A session has no end of its own; Temporal wants one. */
const FOREVER = '3650 days';

/**
 * One generation of a server: a single long activity that a host runs for as long as the server should
 * live. When the host is lost, Temporal hands the activity to another one without any code here. Its history stays
 * a few events long, so it never continues as new.
 */
export async function mcpSession(input: SessionInput): Promise<SessionExited['kind']> {
  const { name, generation, signed, entityId, replica } = input;
  const number = replica ? `, replica ${replica}` : '';
  setCurrentDetails(`Generation ${generation}${number} of server **${name}**`);
  const { runServer } = proxyActivities<HostActivities>({
    taskQueue: placementQueue(signed.spec.requires),
    startToCloseTimeout: FOREVER,
    heartbeatTimeout: signed.spec.timeouts.hostMs,
    retry: { initialInterval: '100 ms', backoffCoefficient: 1.5, maximumInterval: '2 s' },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: `run ${name}`,
  });
  let exited: SessionExited;
  try {
    await runServer(input);
    exited = { generation, kind: 'stopped' };
  } catch (error) {
    exited = exitOf(generation, error);
  }
  // The entity must get the report even when this workflow was cancelled.
  await CancellationScope.nonCancellable(() =>
    getExternalWorkflowHandle(entityId).signal(sessionExitedSignal, {
      ...exited,
      ...(replica && { replica }),
    }),
  );
  return exited.kind;
}

const EXIT_KINDS = ['failed', 'crash-loop', 'completed'] as const;

function exitOf(generation: number, error: unknown): SessionExited {
  // Cancelling a session whose host is dead ends in a timeout, not in a cancellation.
  if (isCancellation(error) || CancellationScope.current().consideredCancelled) {
    return { generation, kind: 'stopped' };
  }
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (!(cause instanceof ApplicationFailure)) {
    const fix = 'Check the session in the Temporal UI.';
    return { generation, kind: 'failed', error: { code: 'INTERNAL_ERROR', message, fix } };
  }
  const code = isErrorCode(cause.type) ? cause.type : 'INTERNAL_ERROR';
  const [kind, fix] = cause.details ?? [];
  return {
    generation,
    kind: EXIT_KINDS.find((known) => known === kind) ?? 'failed',
    error: { code, message, fix: typeof fix === 'string' ? fix : ERROR_FIXES[code] },
  };
}
