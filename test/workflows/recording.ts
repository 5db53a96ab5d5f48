import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

export const HISTORIES = path.join(__dirname, '..', 'histories');
/** Larger ones repeat themselves, and would be most of the repository. */
const MAX_EVENTS = 250;

interface Run {
  workflowId: string;
  runId: string;
}

/** What each recorded history consists of: one of a kind is enough. */
const recorded = new Set<string>();

/** Writes what a workflow, its later runs and its children went through to test/histories, when RECORD_HISTORIES is set. */
export async function recordHistories(client: Client, first: Run): Promise<void> {
  if (!process.env.RECORD_HISTORIES) return;
  await mkdir(HISTORIES, { recursive: true });
  const runs = [first];
  for (const run of runs) {
    const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    const events = history.events ?? [];
    for (const event of events) {
      const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
      if (child?.workflowId && child.runId) {
        runs.push({ workflowId: child.workflowId, runId: child.runId });
      }
      const next = event.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
      if (next) runs.push({ ...run, runId: next });
    }
    const kind = events.map(({ eventType }) => eventType).join();
    if (events.length > MAX_EVENTS || recorded.has(kind)) continue;
    recorded.add(kind);
    const file = path.join(HISTORIES, `${run.workflowId.replaceAll('/', '.')}.json`);
    await writeFile(file, `${JSON.stringify(JSON.parse(historyToJSON(history)))}\n`);
  }
}
