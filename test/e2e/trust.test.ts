import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import {
  type ActivityOptions,
  Client,
  type Connection,
  type WorkflowUpdateFailedError,
} from '@temporalio/client';
import { type Payload } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { type CallInput } from '../../src/domain/calls/calls';
import {
  callQueue,
  CONTROL_QUEUE,
  controlQueue,
  errandQueue,
  hostQueue,
  placementQueue,
  serverWorkflowId,
} from '../../src/domain/names';
import { signedOnly } from '../../activities/refuse-unsigned';
import { readInstance } from '../../src/offline/instance';
import { signingKey } from '../../src/inventory/signature';
import { connectClient } from '../../src/temporal/connection';
import { fixture, REPOSITORY, startInstance, type TestInstance } from './instance';
import { executions, repeated } from './ledger';
import { until } from './until';

let instance: TestInstance;
let connection: Connection;
/** Somebody who reaches Temporal, and has no key. */
let stranger: Client;
let hostId: string;

const tiny = {
  command: process.execPath,
  args: [fixture('tiny-server.js')],
  env: { LEDGER: 'ledger' },
};
const ledger = () => executions(path.join(instance.folder, 'ledger'));

beforeAll(async () => {
  instance = await startInstance({ config: { tiny, other: tiny } });
  const running = await readInstance(instance.home);
  if (!running) throw new Error('the instance does not run');
  connection = await connectClient(running.temporal);
  stranger = new Client({ connection, namespace: running.temporal.namespace });
  hostId = Object.keys(running.pids.hosts)[0] ?? '';
});
afterAll(() => connection.close());

const call = (callId: string, over: Partial<CallInput> = {}): CallInput => ({
  ...{ callId, server: 'tiny', tool: 'count', args: { line: callId }, digest: '' },
  ...{ timeoutMs: 5_000, queueTimeoutMs: 5_000, principal: 'stranger', correlationId: 'c' },
  ...{ submittedAtMs: Date.now(), ...over },
});

/** Type of the failure that an activity ends with; or that it ran. */
async function endOf(
  client: Client,
  type: string,
  options: Pick<ActivityOptions, 'id' | 'taskQueue'> &
    Partial<ActivityOptions> & { args: unknown[] },
): Promise<{ type: unknown; details: unknown } | 'ran'> {
  const limits = { scheduleToCloseTimeout: '30 s', retry: { maximumAttempts: 1 } } as const;
  try {
    await client.activity.execute(type, { ...limits, ...options });
    return 'ran';
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const { type: found, details } = cause as { type?: unknown; details?: unknown }; // ApplicationFailure
    return { type: found, details };
  }
}

const eventCount = async () => (await instance.client.events.list({ server: 'tiny' })).length;

describe('somebody without the key', () => {
  const signed = { spec: { name: 'tiny' }, signature: '' };
  const session = { name: 'tiny', generation: 9, signed, entityId: serverWorkflowId('tiny') };
  const anything = () => randomUUID();

  test.each<[type: string, queue: () => string, args: unknown[]]>([
    [
      'mcpRequest',
      () => callQueue('tiny'),
      [{ requestId: 'r', server: 'tiny', method: 'resources/read' }],
    ],
    ['checkHealth', () => controlQueue('tiny'), []],
    ['checkHealth', () => controlQueue('tiny'), [{ server: 'tiny' }]],
    ['applyIsolation', () => controlQueue('tiny'), [{ generation: 1, isolation: { version: 99 } }]],
    ['replaceChild', () => controlQueue('tiny'), [{ generation: 1, signed, reason: 'x' }]],
    ['runServer', () => placementQueue(undefined), [session]],
    ['installProgram', () => errandQueue(), [{ signed, force: true }]],
    ['validateServer', () => errandQueue(), [{ signed }]],
    ['latestVersion', () => errandQueue(), [{ signed }]],
    ['drainHost', () => hostQueue(hostId), [{ graceMs: 0 }]],
    ['resumeHost', () => hostQueue(hostId), []],
    ['passOver', () => hostQueue(hostId), [{ id: 'x', identity: 'x', lastSeenAtMs: Date.now() }]],
    ['runHost', () => hostQueue(hostId), [{ hostId }]],
    ['recordEvents', () => CONTROL_QUEUE, [[]]],
    ['loadSpec', () => CONTROL_QUEUE, ['tiny']],
    ['loadSpec', () => CONTROL_QUEUE, [{ name: 'tiny' }]],
    ['recordInstall', () => CONTROL_QUEUE, [{ name: 'tiny', wish: {}, pin: {} }]],
    ['pinSpec', () => CONTROL_QUEUE, [{ signed, pin: {} }]],
    ['endQueuedCalls', () => CONTROL_QUEUE, [{ name: 'tiny', reason: 'x', beforeMs: Date.now() }]],
    ['reloadServer', () => CONTROL_QUEUE, [{ name: 'tiny', actor: 'x' }]],
    [
      'renewGrant',
      () => CONTROL_QUEUE,
      [{ server: 'tiny', principal: 'instance', staleVersion: 1 }],
    ],
    ['deliverAlert', () => CONTROL_QUEUE, [{ receiver: 'x', alert: {} }]],
  ])('cannot have the activity %s done', async (type, queue, args) => {
    const found = await endOf(stranger, type, { id: anything(), taskQueue: queue(), args });
    expect(found).toMatchObject({ type: 'INPUT_UNTRUSTED' });
  });

  it('cannot call a tool: the call did not run', async () => {
    const id = `call/tiny/${randomUUID()}`;
    const before = ledger().length;
    const taskQueue = callQueue('tiny');
    expect(await endOf(stranger, 'callTool', { id, taskQueue, args: [call(id)] })).toEqual({
      type: 'INPUT_UNTRUSTED',
      details: [expect.objectContaining({ outcome: 'failed' })],
    });
    expect(ledger()).toHaveLength(before);
  });

  test.each<[update: string, ...args: unknown[]]>([
    ['start', { actor: 'x', wait: false }],
    ['stop', { actor: 'x', wait: false }],
    ['stop', { update: 'stop', atMs: Date.now(), input: { actor: 'x', wait: false } }],
    ['stop'],
    ['restart', { actor: 'x', wait: false }],
    ['reload', { actor: 'x', wait: false }],
    ['remove', { actor: 'x', wait: false }],
    ['isolation', { actor: 'x', order: { order: 'quarantine' } }],
    ['isolation', { actor: 'x', order: { order: 'approve', toolsHash: 'x' } }],
  ])('cannot give the order %s', async (update, ...args) => {
    const before = await eventCount();
    const entity = stranger.workflow.getHandle(serverWorkflowId('tiny'));
    const [input] = args;
    const given =
      args.length === 0
        ? entity.executeUpdate(update)
        : entity.executeUpdate(update, { args: [input] });
    const refused = await given.then(
      () => 'accepted' as const,
      (error: WorkflowUpdateFailedError) => error.cause,
    );
    expect(refused).toMatchObject({ type: 'INPUT_UNTRUSTED' });
    expect(await eventCount()).toBe(before);
  });

  it('cannot speak for a host, and does not stop the entity with garbage', async () => {
    const before = await instance.client.servers.get('tiny');
    const entity = stranger.workflow.getHandle(serverWorkflowId('tiny'));
    await entity.signal('sessionExited', { generation: before.generation, kind: 'gone' });
    await entity.signal('sessionExited');
    await entity.signal('sessionFinding', null);
    await entity.signal('wake', { actor: 'x' });
    await entity.signal('installEnded', 7);
    // An order of somebody with the key is taken after all that.
    const after = await instance.client.servers.order('tiny', { order: 'release' }).catch(String);
    expect(after).toContain('release');
    const { generation, pid, state } = await instance.client.servers.get('tiny');
    expect([generation, pid, state]).toEqual([before.generation, before.pid, 'RUNNING']);
  });

  it('cannot answer in place of a host', async () => {
    const validating = instance.client.validation.run(['other']);
    const running = "WorkflowType = 'mcpValidate' AND ExecutionStatus = 'Running'";
    await until('the forged answer', async () => {
      for await (const { workflowId } of stranger.workflow.list({ query: running })) {
        const place = { workflowId, activityId: '1' };
        const forged = { server: 'other', checks: [], passed: true };
        return stranger.activity.complete(place, forged).then(
          () => true,
          () => false,
        );
      }
      return false;
    });
    const [report] = await validating;
    expect(JSON.stringify(report)).toContain('The result of validateServer was not signed');
  });

  it('cannot start a workflow of ours', async () => {
    for (const [type, input] of [
      ['mcpServer', { name: 'forged', signed }],
      ['mcpSession', session],
      ['mcpValidate', { signed }],
      ['mcpToken', { server: 'tiny', principal: 'instance' }],
      ['mcpInstallAll', { items: [], concurrency: 1 }],
    ] as const) {
      const handle = await stranger.workflow.start(type, {
        workflowId: `forged/${randomUUID()}`,
        taskQueue: CONTROL_QUEUE,
        args: [input],
      });
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'INPUT_UNTRUSTED' } });
    }
  });
});

describe('a captured input', () => {
  let captured: Payload[];
  let originalId: string;

  /** Sends what was captured, whatever it is asked to send. */
  const replaying = () =>
    new Client({
      connection,
      namespace: stranger.options.namespace,
      dataConverter: {
        payloadCodecs: [{ encode: async () => captured, decode: async (payloads) => payloads }],
      },
    });

  beforeAll(async () => {
    const outcome = await instance.client.callTool('tiny', 'count', { line: 'once' });
    originalId = outcome.callId;
    const { input } = await stranger.workflowService.describeActivityExecution({
      namespace: stranger.options.namespace,
      activityId: originalId,
      includeInput: true,
    });
    captured = input?.payloads ?? [];
    expect(captured).toHaveLength(1);
  });

  test.each<[where: string, id: () => string, server: string]>([
    ['under another id', () => `call/tiny/${randomUUID()}`, 'tiny'],
    ['as its own successor', () => `${originalId}~2`, 'tiny'],
    ['again', () => originalId, 'tiny'],
    ['on the queue of another server', () => originalId, 'other'],
  ])('does not run %s', async (_where, id, server) => {
    const before = ledger().length;
    const found = await endOf(replaying(), 'callTool', {
      ...{ id: id(), taskQueue: callQueue(server), args: [{}] },
      idReusePolicy: 'ALLOW_DUPLICATE',
    });
    expect(found).toMatchObject({ type: 'INPUT_UNTRUSTED' });
    expect(ledger()).toHaveLength(before);
  });

  it('is no other kind of input', async () => {
    const found = await endOf(replaying(), 'mcpRequest', {
      ...{ id: originalId, taskQueue: callQueue('tiny'), args: [{}] },
      idReusePolicy: 'ALLOW_DUPLICATE',
    });
    expect(found).toMatchObject({ type: 'INPUT_UNTRUSTED' });
  });

  it('is no other order', async () => {
    await instance.client.servers.restart('tiny');
    const entity = stranger.workflow.getHandle(serverWorkflowId('tiny'));
    const { events } = await entity.fetchHistory();
    const orders = (events ?? []).flatMap((event) => {
      const accepted = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
      return accepted?.name === 'restart' ? [accepted.args?.payloads ?? []] : [];
    });
    captured = orders.at(-1) ?? [];
    expect(captured).toHaveLength(1);
    const forged = replaying().workflow.getHandle(serverWorkflowId('tiny'));
    await expect(forged.executeUpdate('stop', { args: [{}] })).rejects.toMatchObject({
      cause: { type: 'INPUT_UNTRUSTED' },
    });
    const other = replaying().workflow.getHandle(serverWorkflowId('other'));
    await expect(other.executeUpdate('restart', { args: [{}] })).rejects.toMatchObject({
      cause: { type: 'INPUT_UNTRUSTED' },
    });
  });
});

it.each([
  ['the key', ['tiny', 'other']],
  // Of the first one things were refused, and under another key all would be.
  ['another key, as when the first is lost', ['other']],
])('histories replay under %s', async (which, servers) => {
  const key = which === 'the key' ? await signingKey(instance.home) : randomBytes(32);
  const codePath = path.join(REPOSITORY, 'dist/workflow-bundle.js');
  const { dataConverter } = signedOnly(key);
  for (const name of servers) {
    const { workflowId } = stranger.workflow.getHandle(serverWorkflowId(name));
    const history = await stranger.workflow.getHandle(workflowId).fetchHistory();
    const replay = Worker.runReplayHistory(
      { workflowBundle: { codePath }, dataConverter },
      history,
      workflowId,
    );
    await expect(replay).resolves.toBeUndefined();
  }
});

it('whoever has the key is served as ever, and nothing ran twice', async () => {
  const { client } = instance;
  expect(await client.callTool('tiny', 'echo', { text: 'hi' })).toMatchObject({ outcome: 'ok' });
  expect(await client.health.now('tiny')).toMatchObject({ health: 'HEALTHY' });
  expect((await client.servers.stop('tiny')).state).toBe('STOPPED');
  expect((await client.servers.start('tiny')).state).toBe('RUNNING');
  expect((await client.hosts.drain(hostId)).state).toBe('drained');
  expect((await client.hosts.resume(hostId)).state).toBe('ready');
  expect(repeated(ledger())).toEqual([]);
});
