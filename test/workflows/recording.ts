import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { serverWorkflowId, sessionWorkflowId } from '../../src/domain/names';

export const HISTORIES = path.join(__dirname, '..', 'histories');
/** Larger ones repeat themselves, and would be most of the repository. */
const MAX_EVENTS = 250;

/** Writes what a server and its sessions went through to test/histories, when RECORD_HISTORIES is set. */
export async function recordHistories(client: Client, server: string): Promise<void> {
  if (!process.env.RECORD_HISTORIES) return;
  await mkdir(HISTORIES, { recursive: true });
  const ids = [serverWorkflowId(server), sessionWorkflowId(server, 1)];
  for (const workflowId of ids) {
    const query = `WorkflowId = '${workflowId}'`;
    const runs: string[] = [];
    for await (const { runId } of client.workflow.list({ query })) runs.unshift(runId);
    for (const [index, runId] of runs.entries()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      if ((history.events?.length ?? 0) > MAX_EVENTS) continue;
      const suffix = runs.length > 1 ? `.run-${index + 1}` : '';
      const file = `${workflowId.replaceAll('/', '.')}${suffix}.json`;
      await writeFile(path.join(HISTORIES, file), `${historyToJSON(history)}\n`);
    }
  }
}
