import path from 'node:path';
import { Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { type CallToolOptions } from '../../src/client/calls/call-request';
import { MainspringClient } from '../../src/client/mainspring-client';
import { type CallOutcome } from '../../src/domain/calls/calls';
import { type CallStats } from '../../src/domain/calls/call-stats';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { type Answer, type AnsweringServer, startAnsweringServer } from './answering-server';
import { fixture, startInstance, type TestInstance } from './instance';
import { executions } from './ledger';
import { until } from './until';

let instance: TestInstance;
let web: AnsweringServer;
let ledger: string;

const NEVER_OPEN = { failures: 0 };

const tiny = (more: Partial<ServerEntry>): ServerEntry => ({
  command: process.execPath,
  args: [fixture('tiny-server.js')],
  env: { LEDGER: 'ledger' },
  breaker: NEVER_OPEN,
  ...more,
});

beforeAll(async () => {
  web = await startAnsweringServer();
  const policy = { strategy: 'fixed', delay: '50ms', maxAttempts: 3, on: ['server'] } as const;
  instance = await startInstance({
    config: {
      web: {
        type: 'http',
        url: web.url,
        protocol: 'legacy',
        breaker: NEVER_OPEN,
        retry: { policies: { again: { ...policy, on: [...policy.on] } } },
      },
      crashing: tiny({
        timeouts: { tools: { sleep: '200ms' } },
        retry: { policies: { crash: { strategy: 'fixed', delay: '5s' } } },
        restart: { maxRestarts: 100 },
      }),
      narrow: tiny({ limits: { concurrentCalls: 1, queuedCalls: 2 } }),
      busy: tiny({ limits: { concurrentCalls: 1 } }),
    },
  });
  ledger = path.join(instance.folder, 'ledger');
});

afterAll(() => web.close());

async function callWeb(tool: string, answers: Answer[], options?: CallToolOptions) {
  web.answers.splice(0, Infinity, ...answers);
  web.calledAt.length = 0;
  const outcome = await instance.client.callTool('web', tool, {}, options);
  return { ...outcome, calledAt: [...web.calledAt] };
}

const statsOf = async (name: string): Promise<CallStats> => {
  const { json } = await instance.cli<{ calls: CallStats }>('status', name, '--json');
  return json.calls;
};

/** A call that keeps the only slot of a server until it is cancelled. */
async function occupy(server: string) {
  const running = await instance.client.startCall(server, 'sleepAnswersCancel', { ms: 600_000 });
  await until('the slot is taken', async () => (await running.status()) === 'running');
  return running;
}

it('tells by class what went wrong with the calls of a server', async () => {
  const once = async (answer: Answer) => {
    const { outcome, error } = await callWeb('once', [answer]);
    return [outcome, error?.code];
  };
  expect(await once({ isError: false })).toEqual(['ok', undefined]);
  expect(await once({ isError: true })).toEqual(['tool_error', 'TOOL_ERROR']);
  expect(await once({ rpcError: -32602 })).toEqual(['tool_error', 'TOOL_ERROR']);
  expect(await once({ rpcError: -32603 })).toEqual(['tool_error', 'TOOL_ERROR']);
  expect(await once({ status: 401 })).toEqual(['failed', 'CONNECTION_FAILED']);
  expect(await once({ status: 503 })).toEqual(['unknown', 'OUTCOME_UNKNOWN']);
  const stats = await until('all are counted', async () => {
    const found = await statsOf('web');
    return found.calls === 6 && found;
  });
  expect(stats).toMatchObject({
    outcomes: { ok: 1, tool_error: 3, failed: 1, unknown: 1 },
    errors: { tool: { count: 2 }, server: { count: 2 }, auth: { count: 1 } },
    retries: 0,
  });
  expect(stats.errors.server?.lastMessage).toContain('HTTP 503');
  const { stdout } = await instance.cli('status', 'web');
  expect(stdout).toMatch(/Errors: +.*auth 1/);
});

it('knows a crash and a timeout, by the timeout of the tool unless the caller gives one', async () => {
  const slow = await instance.client.callTool('crashing', 'sleep', { ms: 60_000 });
  expect(slow).toMatchObject({ outcome: 'unknown', error: { code: 'OUTCOME_UNKNOWN' } });
  expect(slow.error?.message).toContain('within 200 ms');
  const patient = { timeoutMs: 30_000 };
  const given = await instance.client.callTool('crashing', 'sleep', { ms: 400 }, patient);
  expect(given.outcome).toBe('ok');
  const handle = await instance.client.startCall('crashing', 'crash', {});
  await until('it crashed', async () => (await handle.status()) === 'queued');
  // It waits to be tried again: its first attempt has reached the server all the same.
  await until('its pause', async () => {
    const { restarts } = await instance.client.servers.get('crashing');
    return restarts > 0;
  });
  await handle.cancel();
  expect(await handle.result()).toMatchObject({ outcome: 'unknown' });
  await instance.client.callTool('crashing', 'sleep', { ms: 1 });
  const stats = await until('both are counted', async () => {
    const found = await statsOf('crashing');
    return found.calls === 4 && found;
  });
  expect(stats.errors.timeout).toMatchObject({ count: 1 });
});

it('tries a call again by the policy of its tool, and only then', async () => {
  const unwell: Answer = { status: 503 };
  const healed = await callWeb('again', [unwell, { rpcError: -32000 }]);
  expect(healed).toMatchObject({ outcome: 'ok', attempts: 3 });
  expect(healed.retriedMs).toBeGreaterThanOrEqual(100); // two pauses of 50 ms
  expect(healed.calledAt).toHaveLength(3);
  const sick = await callWeb(
    'again',
    Array.from({ length: 9 }, () => unwell),
  );
  expect(sick).toMatchObject({ outcome: 'unknown' });
  expect(sick.calledAt).toHaveLength(3);
  const wrong = await callWeb('again', [{ isError: true }]);
  expect(wrong).toMatchObject({ outcome: 'tool_error' });
  expect(wrong.calledAt).toHaveLength(1);
  const unsafe = await callWeb('once', [unwell]);
  expect(unsafe).toMatchObject({ outcome: 'unknown' });
  expect(unsafe.calledAt).toHaveLength(1);
  const stats = await until('the attempts are counted', async () => {
    const found = await statsOf('web');
    return found.retries === 4 && found;
  });
  expect(stats.tools.find(({ tool }) => tool === 'again')).toMatchObject({
    ...{ calls: 3, successful: 1, failed: 2, averageAttempts: 2.33 },
  });
  const { stdout } = await instance.cli('calls', 'web', '--stats');
  expect(stdout).toMatch(/web +again +3 +1 +2 +2\.33/);
});

it('leaves a server alone for as long as it asks, and gives up when that is too long', async () => {
  const busy = (retryAfter: string) => ({ status: 429, retryAfter });
  const patient = await callWeb('once', [busy('1')]);
  expect(patient).toMatchObject({ outcome: 'ok' });
  const [first = 0, second = 0] = patient.calledAt;
  expect(second - first).toBeGreaterThanOrEqual(1_000);
  // By then the host has told that the call is with the server.
  const slow = await callWeb('once', [{ ...busy('0'), afterMs: 1_500 }]);
  expect(slow).toMatchObject({ outcome: 'ok' });
  const refused = await callWeb('once', [busy('3600')]);
  expect(refused).toMatchObject({ outcome: 'failed', error: { code: 'RATE_LIMITED' } });
  expect(refused.error?.message).toContain('3600000 ms');
});

it('refuses calls of a full queue, unless they are there already', async () => {
  const { client } = instance;
  const running = await occupy('narrow');
  const key = { idempotencyKey: 'waits' };
  const waiting = [
    await client.startCall('narrow', 'echo', { text: '1' }, key),
    await client.startCall('narrow', 'echo', { text: '2' }),
  ];
  const full = { outcome: 'failed', error: { code: 'QUEUE_FULL' } };
  expect(await client.callTool('narrow', 'echo', { text: '3' })).toMatchObject(full);
  const again = await client.startCall('narrow', 'echo', { text: '1' }, key);
  expect(again.id).toBe(waiting[0]?.id);
  const other = await MainspringClient.connect({ home: instance.home, principal: 'other' });
  try {
    const refused = await until('another client has heard of it', async () => {
      const queueTimeoutMs = 1; // it does not stay in the queue
      const outcome = await other.callTool('narrow', 'echo', { text: '4' }, { queueTimeoutMs });
      return outcome.error?.code === 'QUEUE_FULL' && outcome;
    });
    expect(refused.error?.message).toMatch(
      /calls are waiting for "narrow", and "limits.queuedCalls" is 2/,
    );
  } finally {
    await other.close();
  }
  await running.cancel();
  const outcomes = await Promise.all(waiting.map((handle) => handle.result()));
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
});

it('costs one request to Temporal per call once its host tells how calls end, and a few per second', async () => {
  const { json } = await instance.cli<{ temporal: { address: string } }>('info', '--json');
  const counts: Record<string, number> = {};
  const retrying = makeGrpcRetryInterceptor(defaultGrpcRetryOptions());
  const counting: typeof retrying = (options, nextCall) => {
    const method = path.basename(options.method_definition.path);
    counts[method] = (counts[method] ?? 0) + 1;
    return retrying(options, nextCall);
  };
  const { address } = json.temporal;
  const connection = await Connection.connect({ address, interceptors: [counting] });
  const client = await MainspringClient.connect({ home: instance.home, connection });
  try {
    // The first one opens the connection to the host.
    const first = await client.callTool('crashing', 'echo', { text: '' });
    expect(first.outcome).toBe('ok');
    const { PollActivityExecution: polls } = counts;
    const startedAt = performance.now();
    const calls = 100;
    for (let made = 0; made < calls; made++) {
      const { outcome } = await client.callTool('crashing', 'echo', { text: '' });
      expect(outcome).toBe('ok');
    }
    const refreshes = Math.ceil((performance.now() - startedAt) / 1_000) + 1;
    const { StartActivityExecution, PollActivityExecution, ...others } = counts;
    expect({ polls, StartActivityExecution, PollActivityExecution }).toEqual({
      polls: 1,
      StartActivityExecution: 1 + calls,
      PollActivityExecution: 1,
    });
    const { DescribeTaskQueue = 0, UpdateWorkflowExecution = 0, ...none } = others;
    expect(DescribeTaskQueue).toBeLessThanOrEqual(refreshes);
    expect(UpdateWorkflowExecution).toBeLessThanOrEqual(refreshes);
    expect(Object.keys(none).filter((method) => method !== 'GetSystemInfo')).toEqual([]);
  } finally {
    await client.close();
    await connection.close();
  }
});

it('takes urgent calls first, and lets callers take turns', async () => {
  const running = await occupy('busy');
  const other = await MainspringClient.connect({ home: instance.home, principal: 'other' });
  const results: Promise<CallOutcome>[] = [];
  const submit = async (client: MainspringClient, line: string, options?: CallToolOptions) => {
    results.push((await client.startCall('busy', 'count', { line }, options)).result());
  };
  try {
    for (let n = 0; n < 50; n++) await submit(instance.client, `first-${n}`);
    await submit(other, 'second');
    const urgent = instance.cli('call', 'busy', 'count', 'line=urgent', '--priority', '1');
    await until('all wait', async () => {
      const calls = await instance.client.calls.list({ server: 'busy', limit: 100 });
      return calls.filter(({ status }) => status === 'queued').length === 52;
    });
    await running.cancel();
    const outcomes = await Promise.all(results);
    expect(outcomes.every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect((await urgent).code).toBe(0);
  } finally {
    await other.close();
  }
  const lines = executions(ledger);
  expect(lines[0]).toBe('urgent');
  expect(lines.indexOf('second')).toBeLessThan(10);
  expect(lines).toHaveLength(52);
});
