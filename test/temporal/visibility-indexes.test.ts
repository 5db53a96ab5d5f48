import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import Database from 'libsql';
import { loadSettings } from '../../src/config';
import { findTemporal } from '../../src/temporal/executable';
import { startOnFreePorts, type FreePortsOptions } from '../../src/temporal/start-on-free-ports';
import { dropUnusedIndexes, prepareDatabase } from '../../src/temporal/visibility-indexes';
import { until } from '../e2e/until';
import { useTemporaryFolder } from '../temporary-folder';

const USED = ['by_temporal_namespace_division'];
const folder = useTemporaryFolder();
const file = () => path.join(folder(), 'temporal.db');

/** Our build with the tables as the official CLI creates them; by its name it is not ours. */
async function officialLayout(): Promise<FreePortsOptions> {
  const { path: ours } = await findTemporal({ ...loadSettings(process.env), env: process.env });
  const executable = path.join(folder(), 'temporal');
  writeFileSync(executable, `#!/bin/sh\nexec '${ours}' "$@" --one-file\n`);
  chmodSync(executable, 0o755);
  return {
    ...{ executable, dbFile: file(), logFile: path.join(folder(), 'temporal.log') },
    ...{ ip: '127.0.0.1', port: 0, uiPort: 0, headless: true, namespace: 'default' },
    ...{ onProgress: () => undefined, signal: new AbortController().signal },
  };
}

function indexes(): unknown[] {
  const database = new Database(file());
  const query = `SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'executions_visibility' AND sql IS NOT NULL`;
  const names = database.prepare(query).pluck().all();
  database.close();
  return names;
}

async function withTemporal(options: FreePortsOptions, work: (client: Client) => Promise<void>) {
  const { temporal } = await startOnFreePorts(options);
  const connection = await Connection.connect({ address: temporal.address });
  try {
    await work(new Client({ connection }));
  } finally {
    await connection.close();
    await temporal.stop();
  }
}

it('leaves a new database of the official CLI one index, and lists work', async () => {
  const options = await officialLayout();
  await prepareDatabase(options);
  expect(indexes()).toEqual(USED);
  await withTemporal(options, async ({ workflow }) => {
    await workflow.start('some', { taskQueue: 'none', workflowId: 'w1' });
    await until('the workflow in the list', async () => (await workflow.count()).count === 1);
  });
  expect(indexes()).toEqual(USED);
});

it('keeps what is in a database that has all indexes', async () => {
  const options = await officialLayout();
  await withTemporal(options, async ({ workflow }) => {
    await workflow.start('some', { taskQueue: 'none', workflowId: 'w1' });
  });
  expect(indexes().length).toBeGreaterThan(50);
  await prepareDatabase(options);
  await dropUnusedIndexes(file());
  expect(indexes()).toEqual(USED);
  await withTemporal(options, async ({ workflow }) => {
    const { status } = await workflow.getHandle('w1').describe();
    expect(status.name).toBe('RUNNING');
  });
});

it('starts with a file that it cannot read, and says so', async () => {
  const said: string[] = [];
  const options = { ...(await officialLayout()), onProgress: (line: string) => said.push(line) };
  writeFileSync(file(), 'no database, but longer than the header of one '.repeat(20));
  await prepareDatabase(options);
  expect(said.join()).toContain('the unused indexes');
});
