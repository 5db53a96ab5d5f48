import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  CreateTaskResultSchema,
  ElicitRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { readInstance } from '../../src/offline/instance';
import { send, TASKS } from '../gateway/modern/modern-harness';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';
import { type JsonObject } from '../../src/base/json';

const everything = require.resolve('@modelcontextprotocol/server-everything/dist/index.js');
const config = {
  tiny: { command: 'node', args: [fixture('tiny-server.js')] },
  every: { command: 'node', args: [everything] },
};
const capabilities = { ...TASKS, elicitation: { form: {} } };
const accepted = { action: 'accept', content: { name: 'Ada', check: true } };

let instance: TestInstance;
let url: URL;

beforeAll(async () => {
  instance = await startInstance({ config, gateway: true });
  url = await urlOf(instance);
});

async function urlOf({ home }: TestInstance): Promise<URL> {
  const { apiUrl } = (await readInstance(home)) ?? {};
  return new URL('/mcp', apiUrl);
}

/** Another gateway process on the same data directory. */
async function secondGateway(): Promise<URL> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  probe.close();
  instance.spawn(['api'], { MAINSPRING_PORT: String(port) });
  const there = new URL(`http://127.0.0.1:${port}/mcp`);
  await until('the second gateway', () =>
    send(there, 'server/discover').then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  return there;
}

const get = async (to: URL, taskId: unknown) =>
  (await send(to, 'tasks/get', { taskId } as JsonObject, { capabilities })).result;

describe('a modern client', () => {
  it('is asked by one gateway and answers to another, in a call as in a task', async () => {
    const other = await secondGateway();
    const can = { elicitation: { form: {} } };
    const call = { name: 'every__trigger-elicitation-request', arguments: {} };
    const asked = await send(url, 'tools/call', call, { capabilities: can });
    const { inputRequests = {}, requestState = '' } = asked.result;
    expect(Object.values(inputRequests as JsonObject)).toMatchObject([
      { method: 'elicitation/create' },
    ]);
    const inputResponses = { [Object.keys(inputRequests as JsonObject)[0] ?? '']: accepted };
    const retry = { ...call, requestState, inputResponses };
    for (const to of [other, url]) {
      // Once more gives the same result: the call runs once.
      const { result } = await send(to, 'tools/call', retry, { capabilities: can });
      expect(JSON.stringify(result.content)).toContain('Name: Ada');
    }

    const research = {
      ...{ name: 'every__simulate-research-query' },
      arguments: { topic: 'x', ambiguous: true },
    };
    const created = await send(url, 'tools/call', research, { capabilities });
    expect(created.result).toMatchObject({ resultType: 'task', status: 'working' });
    const { taskId = '' } = created.result;
    await until(
      'the task is input_required',
      async () => (await get(other, taskId)).status === 'input_required',
    );
    const { inputRequests: wanted } = await get(other, taskId);
    const [key = ''] = Object.keys(wanted as JsonObject);
    const answer = { action: 'accept', content: { interpretation: 'technical' } };
    const update = { taskId, inputResponses: { [key]: answer } };
    expect((await send(other, 'tasks/update', update, { capabilities })).error).toBeUndefined();
    await until(
      'the task is completed',
      async () => (await get(url, taskId)).status === 'completed',
    );
    expect(JSON.stringify((await get(other, taskId)).result)).toContain('technical');
  });
});

describe('a client of 2025-11-25', () => {
  it('runs any tool as a task, is asked while it waits for the result, and takes tasks back', async () => {
    const client = new Client(
      { name: 'test', version: '1' },
      { capabilities: { elicitation: { form: {} } } },
    );
    client.setRequestHandler(ElicitRequestSchema, () => accepted as never);
    await client.connect(new StreamableHTTPClientTransport(url));
    try {
      const { tasks } = client.experimental;
      const types: string[] = [];
      const stream = tasks.callToolStream(
        { name: 'every__trigger-elicitation-request', arguments: {} },
        CallToolResultSchema,
        { task: { ttl: 60_000 } },
      );
      let text = '';
      for await (const message of stream) {
        types.push(message.type);
        if (message.type === 'result') text = JSON.stringify(message.result);
        if (message.type === 'error') text = message.error.message;
      }
      expect([types[0], types.at(-1)]).toEqual(['taskCreated', 'result']);
      expect(text).toContain('Name: Ada');
      expect(text).toContain('io.modelcontextprotocol/related-task');

      const sleep = { name: 'tiny__sleep', arguments: { ms: 60_000 } };
      const asTask = { method: 'tools/call' as const, params: { ...sleep, task: { ttl: 60_000 } } };
      const { task } = await client.request(asTask, CreateTaskResultSchema);
      expect(task).toMatchObject({ status: 'working', ttl: 60_000 });
      expect(await tasks.cancelTask(task.taskId)).toMatchObject({ status: 'cancelled' });
      expect(await tasks.getTask(task.taskId)).toMatchObject({ status: 'cancelled' });
      await expect(tasks.cancelTask(task.taskId)).rejects.toMatchObject({ code: -32602 });
      const { tasks: listed } = await tasks.listTasks();
      expect(listed.map(({ status }) => status)).toEqual(
        expect.arrayContaining(['completed', 'cancelled']),
      );
    } finally {
      await client.close();
    }
  });
});

describe('kill -9 of everything', () => {
  it('keeps tasks and their results, and says of a call that nobody knows how it ended', async () => {
    const call = (name: string, args: JsonObject) =>
      send(url, 'tools/call', { name, arguments: args }, { capabilities });
    const research = await call('every__simulate-research-query', { topic: 'kept' });
    const [ended, open] = [research.result.taskId, (await long()).result.taskId];
    function long() {
      return call('every__simulate-research-query', { topic: 'lost', ambiguous: true });
    }
    await until(
      'the task is completed',
      async () => (await get(url, ended)).status === 'completed',
    );
    await until(
      'the task is input_required',
      async () => (await get(url, open)).status === 'input_required',
    );
    await instance.killAll();
    instance = await startInstance({ home: instance.home, gateway: true });
    url = await urlOf(instance);
    expect(JSON.stringify((await get(url, ended)).result)).toContain('kept');
    await until('the task is failed', async () => (await get(url, open)).status === 'failed');
    expect(await get(url, open)).toMatchObject({ error: { data: { outcome: 'unknown' } } });
  });
});
