import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { type InstallInput, installWorkflowId } from '../src/domain/programs/installs';
import { WORKFLOW_TASK_TIMEOUT_MS } from '../src/domain/limits';
import { programText } from '../src/domain/programs/programs';
import { mcpInstall } from './install';

/** Time that an entity waits for the end of an installation that is already running, before it checks again. */
export const INSTALL_JOIN_RETRY_MS = 1_000;

/** Starts an installation that outlives whoever started it. */
export async function startInstall(input: InstallInput): Promise<void> {
  await startChild(mcpInstall, {
    workflowId: installWorkflowId(input),
    args: [input],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
    staticSummary: `install ${programText({ source: input.wish })} for ${input.name}`,
  });
}
