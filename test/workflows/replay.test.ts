import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { type temporal } from '@temporalio/proto';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { signedOnly } from '../../activities/refuse-unsigned';
import { bundle } from './bundle';
import { HISTORIES } from './recording';

const files = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));

/** For the bundle and all histories together, on a machine that runs everything else too. */
const ALL_REPLAYED_MS = 300_000;

/** What became of each history; undefined when it replays. */
const outcomes = new Map<string, Error | undefined>();

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const options = await asInWorker('../../workflows');
  const histories = files.map((file) => ({ workflowId: file, history: historyOf(file) }));
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
    outcomes.set(workflowId, error);
  }
}, ALL_REPLAYED_MS);

/** As the control worker runs them. */
async function asInWorker(workflows: string): Promise<ReplayWorkerOptions> {
  const workflowBundle = await bundle({
    workflowsPath: require.resolve(workflows),
    workflowInterceptorModules: [require.resolve('../../workflows/refuse-unsigned')],
    payloadConverterPath: require.resolve('../../src/temporal/unsigned-converter'),
  });
  return { workflowBundle, dataConverter: signedOnly(randomBytes(32)).dataConverter };
}

function historyOf(file: string): temporal.api.history.v1.IHistory {
  return historyFromJSON(JSON.parse(readFileSync(path.join(HISTORIES, file), 'utf8')));
}

test('there are histories of every workflow, and of one that continued as new', () => {
  expect(files.filter((name) => name.startsWith('mcp-server.')).length).toBeGreaterThan(20);
  expect(files.filter((name) => name.startsWith('mcp-session.')).length).toBeGreaterThan(2);
  expect(files.filter((name) => name.startsWith('mcp-install.')).length).toBeGreaterThan(5);
  expect(files.filter((name) => name.startsWith('mcp-installs.')).length).toBeGreaterThan(1);
  expect(files.filter((name) => name.startsWith('mcp-validate.')).length).toBeGreaterThan(2);
  expect(files.filter((name) => name.startsWith('mcp-token.')).length).toBeGreaterThan(4);
  const continued = files.map(historyOf).filter(({ events }) => {
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    return started?.continuedExecutionRunId;
  });
  expect(continued.length).toBeGreaterThan(0);
});

test.each(files)('%s replays', (file) => {
  expect([...outcomes.keys()]).toContain(file);
  expect(outcomes.get(file)).toBeUndefined();
});

describe('workflows that do something else', () => {
  test.each(['mcp-server.start.', 'mcp-session.start.1.', 'mcp-install.first.'])(
    'do not replay %s',
    async (prefix) => {
      const file = files.find((name) => name.startsWith(prefix)) ?? prefix;
      const changed = await asInWorker('./changed-workflows');
      const replay = Worker.runReplayHistory(changed, historyOf(file));
      await expect(replay).rejects.toThrow(DeterminismViolationError);
    },
  );
});
