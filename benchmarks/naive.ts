import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { loadSettings } from '../src/config';
import { startEmbeddedTemporal } from '../src/temporal/embedded';
import { findTemporal } from '../src/temporal/executable';
import { choosePort } from '../src/temporal/ports';
import { startDirect } from './direct';
import { timeEach } from './figures';

const LOOPBACK = '127.0.0.1';
const QUEUE = 'naive';
const CALLS = 40;
const WARM_UP_CALLS = 5;

/** Calls as a plain build would make them: workflow and activity, on a Temporal with its own defaults. */
export interface NaiveCalls {
  call: () => Promise<unknown>;
  close: () => Promise<void>;
}

/** Measures serial calls. */
export async function benchNaive(): Promise<number[]> {
  const { call, close } = await startNaive();
  try {
    await timeEach(WARM_UP_CALLS, call);
    return await timeEach(CALLS, call);
  } finally {
    await close();
  }
}

export async function startNaive(): Promise<NaiveCalls> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mainspring-naive-'));
  const executable = await findTemporal({ ...loadSettings(process.env), env: process.env });
  const temporal = await startEmbeddedTemporal({
    executable: executable.path,
    dbFile: path.join(folder, 'temporal.db'),
    ip: LOOPBACK,
    port: await choosePort(0, LOOPBACK),
    uiPort: 0,
    headless: true,
    namespace: 'default',
    logFile: path.join(folder, 'temporal.log'),
    tuned: false,
  });
  const server = await startDirect();
  const connection = await NativeConnection.connect({ address: temporal.address });
  const worker = await Worker.create({
    connection,
    taskQueue: QUEUE,
    workflowsPath: require.resolve('./naive-workflow'),
    activities: { callTool: () => server.call() },
  });
  const running = worker.run();
  const { workflow } = new Client({ connection });
  let number = 0;
  return {
    call: () =>
      workflow.execute('naiveCall', { taskQueue: QUEUE, workflowId: `naive/${number++}` }),
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
      await server.close();
      await temporal.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
