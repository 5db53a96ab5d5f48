import path from 'node:path';
import { type InputResponse } from '../../../src/domain/calls/input-requests';
import { type Exchange } from '../../../src/gateway/exchange';
import { type LegacyTasks } from '../../../src/gateway/tasks/contract';
import { createLegacyTasks } from '../../../src/gateway/tasks/legacy-tasks';
import { Tasks } from '../../../src/gateway/tasks/tasks';
import { openStore } from '../../../src/store/open-store';
import { type Store } from '../../../src/store/store';
import { useTemporaryFolder } from '../../temporary-folder';
import { TinyCatalogues } from '../legacy/tiny-catalogues';
import { TinyOperations } from '../legacy/tiny-operations';
import { TinyCalls } from '../modern/modern-harness';
import { type JsonObject } from '../../../src/base/json';

const home = useTemporaryFolder();
let store: Store;
let legacy: LegacyTasks;

beforeEach(async () => {
  store = await openStore(home());
  const folder = path.join(home(), 'calls');
  const operations = new TinyOperations(folder, new TinyCatalogues());
  const calls = new TinyCalls(folder);
  const tasks = new Tasks({ operations, calls, store: store.gatewayTasks });
  const pendingInputRequests = async (callId: string) => (await calls.look(callId)).asks;
  legacy = createLegacyTasks({ tasks, operations, pendingInputRequests });
});

afterEach(() => store.close());

const related = (taskId: unknown) => ({ 'io.modelcontextprotocol/related-task': { taskId } });

/** A request of a client that answers what it is asked with its `_meta`. */
function exchange(principal = 'local:test', signal = new AbortController().signal): Exchange {
  return {
    caller: {
      ...{ principal, scope: { kind: 'server', name: 'tiny' }, era: 'legacy', session: 's' },
      capabilities: { elicitation: {} },
    },
    ...{ requestId: 1, meta: {}, signal },
    notify: () => undefined,
    requestInput: async ({ params }): Promise<InputResponse> => ({
      result: { _meta: params._meta ?? null },
    }),
  };
}

async function create(name: string, args: JsonObject, task: JsonObject = {}): Promise<JsonObject> {
  const result = await legacy.call(exchange(), { name, arguments: args, task });
  return result.task as JsonObject;
}

const of = (taskId: unknown) => ({ taskId }) as JsonObject;

it('makes a task of any call, and tells of it until its result', async () => {
  const task = await create('wait', { ms: 200 }, { ttl: 30_000 });
  const { taskId } = task;
  expect(task).toMatchObject({ status: 'working', ttl: 30_000, pollInterval: 1_000 });
  expect((await legacy.handle(exchange(), 'tasks/get', of(taskId))).status).toBe('working');
  expect(await legacy.handle(exchange(), 'tasks/result', of(taskId))).toMatchObject({
    content: [{ text: 'waited' }],
    _meta: related(taskId),
  });
  expect((await legacy.handle(exchange(), 'tasks/get', of(taskId))).status).toBe('completed');
  const again = await legacy.handle(exchange(), 'tasks/result', of(taskId));
  expect(again.content).toMatchObject([{ text: 'waited' }]);
});

it('asks the client that waits for the result, naming the task', async () => {
  const { taskId } = await create('ask', { method: 'elicitation/create', params: { a: 1 } });
  const asking = await legacy.handle(exchange(), 'tasks/get', of(taskId));
  expect(asking.status).toBe('input_required');
  const { content } = await legacy.handle(exchange(), 'tasks/result', of(taskId));
  const answer = JSON.stringify({ result: { _meta: related(taskId) } });
  expect(content).toMatchObject([{ text: answer }]);
});

it('goes on when the client does not wait for the result any more', async () => {
  const { taskId } = await create('wait', { ms: 300 });
  const client = new AbortController();
  const waiting = legacy.handle(exchange(undefined, client.signal), 'tasks/result', of(taskId));
  client.abort();
  await expect(waiting).rejects.toThrow('Cancelled');
  const { content } = await legacy.handle(exchange(), 'tasks/result', of(taskId));
  expect(content).toMatchObject([{ text: 'waited' }]);
});

it('is cancelled once, and stays so', async () => {
  const { taskId } = await create('wait', { ms: 500 }); // its server ends it all the same
  const cancel = () => legacy.handle(exchange(), 'tasks/cancel', of(taskId));
  expect((await cancel()).status).toBe('cancelled');
  await expect(cancel()).rejects.toMatchObject({ code: -32602 });
  expect((await legacy.handle(exchange(), 'tasks/get', of(taskId))).status).toBe('cancelled');
});

it('gives the error of the server', async () => {
  const { taskId } = await create('fail', {});
  await expect(legacy.handle(exchange(), 'tasks/result', of(taskId))).rejects.toMatchObject({
    ...{ code: -32099, message: 'It failed' },
  });
  expect((await legacy.handle(exchange(), 'tasks/get', of(taskId))).status).toBe('failed');
});

it('lists the tasks of its client in pages', async () => {
  for (let number = 0; number < 52; number += 1) await create('fail', {});
  const first = await legacy.handle(exchange(), 'tasks/list', {});
  expect(first.tasks).toHaveLength(50);
  const { nextCursor = '' } = first;
  const second = await legacy.handle(exchange(), 'tasks/list', { cursor: nextCursor });
  expect(second.tasks).toHaveLength(2);
  expect(second).not.toHaveProperty('nextCursor');
  const others = await legacy.handle(exchange('local:other'), 'tasks/list', {});
  expect(others.tasks).toEqual([]);
  await expect(legacy.handle(exchange(), 'tasks/list', { cursor: 'x' })).rejects.toMatchObject({
    code: -32602,
  });
});

it.each([
  ['a task that is none', { task: 'yes' }],
  ['a time to live that is none', { task: { ttl: 'long' } }],
  ['a negative time to live', { task: { ttl: -1 } }],
])('refuses %s', async (_what, { task }) => {
  const call = legacy.call(exchange(), { name: 'wait', arguments: {}, task });
  await expect(call).rejects.toMatchObject({ code: -32602 });
});

it('is not there for another client', async () => {
  const { taskId } = await create('wait', { ms: 1_000 });
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel'] as const) {
    const asked = legacy.handle(exchange('local:other'), method, of(taskId));
    await expect(asked).rejects.toMatchObject({ code: -32602, message: 'Task not found' });
  }
});
