import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { signedOnly } from '../../activities/refuse-unsigned';
import { packageRoot } from '../../src/base/package-root';
import { connectClient } from '../../src/temporal/connection';
import { type TemporalSettings } from '../../src/temporal/settings';

export interface Replayed {
  histories: number;
  /** Differences that the current code would have made, by workflow. */
  failures: string[];
}

/** Replays every run of every workflow of an instance with the workflow code of this build. */
export async function replayAll(temporal: TemporalSettings): Promise<Replayed> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const codePath = path.join(packageRoot(), 'dist', 'workflow-bundle.js');
  const connection = await connectClient(temporal);
  const client = new Client({ connection, namespace: temporal.namespace });
  try {
    const executions = client.workflow.list();
    const replayed = Worker.runReplayHistories(
      // A history replays with any key.
      { workflowBundle: { codePath }, dataConverter: signedOnly(randomBytes(32)).dataConverter },
      executions.intoHistories(),
    );
    const result: Replayed = { histories: 0, failures: [] };
    for await (const { workflowId, error } of replayed) {
      result.histories += 1;
      if (error) result.failures.push(`${workflowId}: ${error.message}`);
    }
    return result;
  } finally {
    await connection.close();
  }
}
