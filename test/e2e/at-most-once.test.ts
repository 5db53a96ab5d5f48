import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { internalsOf } from '../../src/client/internal';
import { MainspringClient } from '../../src/client/mainspring-client';
import { type CallOutcome } from '../../src/domain/calls/calls';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { connectClient } from '../../src/temporal/connection';
import { fixture, killProcess, startInstance, type TestInstance } from './instance';
import { executions } from './ledger';
import { until } from './until';

const MIB = 1024 * 1024;

let instance: TestInstance;

const asking = (more: ServerEntry = {}): ServerEntry => ({
  ...{ command: process.execPath, args: [fixture('asking-server.js')], env: { LEDGER: 'ledger' } },
  ...more,
});

beforeAll(async () => {
  instance = await startInstance({ config: { once: asking(), direct: asking({ direct: ['*'] }) } });
});

const begun = (line: string) =>
  executions(path.join(instance.folder, 'ledger')).filter((written) => written === line).length;

/** Does it with Temporal itself, as its retention and its operators do. */
async function withTemporal<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const { json } = await instance.cli<{ temporal: { address: string; namespace: string } }>(
    'info',
    '--json',
  );
  const connection = await connectClient(json.temporal);
  try {
    return await work(new Client({ connection, namespace: json.temporal.namespace }));
  } finally {
    await connection.close();
  }
}

async function forget(callId: string): Promise<void> {
  await withTemporal(async ({ activity, workflowService, options: { namespace } }) => {
    await workflowService.deleteActivityExecution({ namespace, activityId: callId });
    await until('it is gone', () =>
      activity
        .getHandle(callId)
        .describe()
        .then(
          () => false,
          () => true,
        ),
    );
  });
}

/** Who asks again has a correlation id of its own. */
const sameCall = (outcome: CallOutcome) => ({
  ...outcome,
  correlationId: expect.any(String) as string,
});

describe('a call that the server has answered', () => {
  it('is told as it was, cut, when its answer cannot be stored', async () => {
    const results = path.join(instance.home, 'results');
    rmSync(results, { recursive: true, force: true });
    writeFileSync(results, 'no folder, as on a disk that takes no more');
    const key = { idempotencyKey: 'not stored' };
    const args = { line: 'not stored', bytes: 3 * MIB };
    const outcome = await instance.client.callTool('once', 'big', args, key);
    expect(outcome).toMatchObject({
      ...{ outcome: 'ok', truncated: true, error: { code: 'RESULT_NOT_STORED' } },
      result: { content: [{ type: 'text' }, { type: 'text' }] },
    });
    expect(JSON.stringify(outcome.result).length).toBeGreaterThan(0.9 * MIB);
    expect(await instance.client.callTool('once', 'big', args, key)).toEqual(sameCall(outcome));

    const error = { line: 'error not stored', bytes: 3 * MIB };
    expect(await instance.client.callTool('once', 'bigError', error)).toMatchObject({
      ...{ outcome: 'tool_error', truncated: true, error: { code: 'RESULT_NOT_STORED' } },
      rpcError: { code: -32042, message: 'large' },
    });
    const read = await internalsOf(instance.client).requests.start('once', 'resources/read', {
      uri: 'test://big',
    });
    expect(await read.result()).toMatchObject({ error: { code: 'RESULT_NOT_STORED' } });
    rmSync(results);
    expect([begun('not stored'), begun('error not stored')]).toEqual([1, 1]);
  });

  it('brings an error of several MiB back whole', async () => {
    const args = { line: 'large error', bytes: 3 * MIB };
    const outcome = await instance.client.callTool('once', 'bigError', args);
    expect(outcome).toMatchObject({ outcome: 'tool_error', error: { code: 'TOOL_ERROR' } });
    expect(outcome.rpcError?.data).toBe('x'.repeat(3 * MIB));
    expect(outcome.truncated).toBeUndefined();
    expect(begun('large error')).toBe(1);
  });

  it('is not ended by progress that is too large to be told', async () => {
    const args = { line: 'large progress', bytes: 3 * MIB, ms: 2_500 };
    expect(await instance.client.callTool('once', 'bigProgress', args)).toMatchObject({
      outcome: 'ok',
    });
    expect(begun('large progress')).toBe(1);
  });
});

it('never runs a key again that ran as a later submission, when Temporal has forgotten the earlier ones', async () => {
  const { client } = instance;
  const options = { idempotencyKey: 'forgotten', queueTimeoutMs: 600_000 };
  const args = { line: 'forgotten' };
  const earlier: string[] = [];
  await client.servers.order('once', {
    order: 'maintenance',
    on: true,
    reason: 'so that calls wait',
  });
  for (let submission = 1; submission <= 2; submission++) {
    const call = await client.startCall('once', 'whoAsks', args, options);
    await call.cancel();
    expect(await call.result()).toMatchObject({ outcome: 'failed' });
    earlier.push(call.id);
  }
  await client.servers.order('once', { order: 'maintenance', on: false });
  const [first = ''] = earlier;
  expect(earlier).toEqual([first, `${first}~2`]);
  const ran = await client.callTool('once', 'whoAsks', args, options);
  expect(ran).toMatchObject({ outcome: 'ok', callId: `${first}~3` });

  // In whatever order, and from two clients at once.
  const other = await MainspringClient.connect({ home: instance.home });
  for (const forgotten of earlier) {
    await forget(forgotten);
    const both = [client, other].map((one) => one.callTool('once', 'whoAsks', args, options));
    expect(await Promise.all(both)).toEqual([sameCall(ran), sameCall(ran)]);
  }
  await other.close();
  expect(begun('forgotten')).toBe(1);
});

it('says unknown of a call whose host died at once and whose next attempt found no server', async () => {
  const gate = path.join(instance.folder, 'gate');
  writeFileSync(gate, '');
  const script = '[ -e "$GATE" ] || exit 1; exec "$@"';
  await instance.client.servers.add('gated', {
    command: 'sh',
    args: ['-c', script, 'gated', process.execPath, fixture('asking-server.js')],
    env: { LEDGER: path.join(instance.folder, 'ledger'), GATE: gate },
    restart: { maxRestarts: 10_000, maxDelay: '300ms' },
    retry: { tools: ['hang'] },
  });
  const options = { idempotencyKey: 'no heartbeat', queueTimeoutMs: 4_000 };
  const call = await instance.client.startCall('gated', 'hang', { line: 'no heartbeat' }, options);
  await until('the server has it', () => begun('no heartbeat') === 1);
  rmSync(gate);
  const { hosts } = await instance.pids();
  await Promise.all(Object.values(hosts).map(killProcess));
  expect(await call.result()).toMatchObject({ outcome: 'unknown' });
  expect(begun('no heartbeat')).toBe(1);
  writeFileSync(gate, '');
  const again = await instance.client.callTool('gated', 'hang', { line: 'no heartbeat' }, options);
  expect(again).toMatchObject({ outcome: 'unknown', callId: call.id });
  expect(begun('no heartbeat')).toBe(1);
});
