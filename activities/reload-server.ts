import { ApplicationFailure, Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { type CommandInput, type ServerSnapshot } from '../src/domain/messages';
import { serverWorkflowId } from '../src/domain/names';
import { INSTALL_HEARTBEAT_INTERVAL_MS } from '../src/domain/programs/installs';

/** Reloads a server and waits for it. A server without an entity takes the inventory's spec at its first start anyway. */
export async function reloadServer(
  client: Client,
  { name, ...asked }: { name: string; actor: string; correlationId?: string },
): Promise<void> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), INSTALL_HEARTBEAT_INTERVAL_MS);
  try {
    const entity = client.workflow.getHandle(serverWorkflowId(name));
    const { workflowExecution, activityId, attempt } = context.info;
    const snapshot = await entity.executeUpdate<ServerSnapshot, [CommandInput]>('reload', {
      args: [{ ...asked, wait: true }],
      updateId: `${workflowExecution?.runId}/${activityId}/${attempt}`,
    });
    const { state, error, desired } = snapshot;
    if (error && state !== 'RUNNING' && (state === 'ERROR' || desired === 'running')) {
      throw ApplicationFailure.nonRetryable(error.message, error.code, error.fix);
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return;
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const cause = error.cause instanceof ApplicationFailure ? error.cause : undefined;
    const { message } = cause ?? error;
    throw ApplicationFailure.nonRetryable(message, cause?.type ?? 'INSTALL_FAILED');
  } finally {
    clearInterval(timer);
  }
}
