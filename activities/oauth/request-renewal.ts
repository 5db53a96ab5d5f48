import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isErrorCode, MainspringError } from '../../src/base/errors';
import { READ_ANSWER } from '../../src/domain/messages';
import { CONTROL_QUEUE, tokenWorkflowId } from '../../src/domain/names';
import { type GrantKey, RENEW_UPDATE, TOKEN_WORKFLOW } from '../../src/domain/oauth/oauth';
import { principalDigest } from '../../src/oauth/grant-storage';

/** Longest wait for a new access token, including three attempts at the authorization server, in ms. */
const RENEW_WAIT_MS = 60_000;

/**
 * Requests a renewal from the one workflow that may do it, and waits until the store has the new grant, or its end.
 *
 * @throws MainspringError CONNECTION_FAILED when it cannot be renewed now
 */
export async function requestRenewal(
  client: Client,
  key: GrantKey,
  staleVersion: number,
): Promise<void> {
  const { server, principal } = key;
  const start = new WithStartWorkflowOperation(TOKEN_WORKFLOW, {
    workflowId: tokenWorkflowId(server, principalDigest(principal)),
    taskQueue: CONTROL_QUEUE,
    args: [key],
    staticSummary: `access to ${server}`,
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  try {
    await client.withDeadline(Date.now() + RENEW_WAIT_MS, () =>
      client.workflow.executeUpdateWithStart(RENEW_UPDATE, {
        args: [{ staleVersion }],
        startWorkflowOperation: start,
      }),
    );
  } catch (error) {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
    if (cause instanceof ApplicationFailure && cause.type === READ_ANSWER) return;
    const isOurs = cause instanceof ApplicationFailure && isErrorCode(cause.type);
    const why = isOurs ? cause.message : 'no control worker is responding';
    const message = `Cannot renew the access to "${server}" now: ${why}`;
    throw new MainspringError('CONNECTION_FAILED', message, { cause: error });
  }
}
