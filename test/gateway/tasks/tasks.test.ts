import { useTemporaryFolder } from '../../temporary-folder';
import { type ModernGateway, send, startModern, TASKS } from '../modern/modern-harness';
import { type JsonObject } from '../../../src/base/json';

const home = useTemporaryFolder();
let gateways: ModernGateway[] = [];

async function start(options: Parameters<typeof startModern>[1] = {}): Promise<URL> {
  const gateway = await startModern(home(), { tasksAfterMs: 50, ...options });
  gateways.push(gateway);
  return gateway.url;
}

afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  gateways = [];
});

const capabilities = { ...TASKS, elicitation: {} };
const wait = (ms: number) => ({ name: 'wait', arguments: { ms } });

async function task(url: URL, params: JsonObject): Promise<JsonObject> {
  return (await send(url, 'tools/call', params, { capabilities })).result;
}

async function ended(url: URL, taskId: unknown): Promise<JsonObject> {
  for (;;) {
    const { result } = await send(url, 'tasks/get', { taskId } as JsonObject, { capabilities });
    if (result.status !== 'working') return result;
  }
}

describe('a call that takes long', () => {
  it('becomes a task, which any gateway can tell of until its end', async () => {
    const [url, other] = [await start(), await start()];
    const created = await task(url, wait(400));
    expect(created).toMatchObject({ resultType: 'task', status: 'working', ttlMs: 86_400_000 });
    expect(created).not.toHaveProperty('requestState');
    const { taskId } = created;
    const { result } = await send(other, 'tasks/get', { taskId } as JsonObject, { capabilities });
    expect(result).toMatchObject({ resultType: 'complete', taskId, status: 'working' });
    expect(await ended(other, taskId)).toMatchObject({
      status: 'completed',
      result: { content: [{ text: 'waited' }] },
    });
  });

  it('is waited for when it is short, or its client cannot follow tasks', async () => {
    const url = await start({ tasksAfterMs: 300 });
    const [short, long] = await Promise.all([
      task(url, wait(10)),
      send(url, 'tools/call', wait(500)),
    ]);
    expect([short.resultType, long.result.resultType]).toEqual(['complete', 'complete']);
  });

  it('is taken back as often as one likes', async () => {
    const url = await start();
    const { taskId } = await task(url, wait(10_000));
    for (const _time of [1, 2]) {
      const sent = await send(url, 'tasks/cancel', { taskId } as JsonObject, { capabilities });
      expect(sent.result).toMatchObject({ resultType: 'complete' });
      expect(sent.result).not.toHaveProperty('taskId');
    }
  });
});

describe('a task', () => {
  it('is not there for another client, another endpoint, or one that cannot follow tasks', async () => {
    const url = await start();
    const { taskId } = await task(url, wait(10_000));
    const get = (to: URL, can: JsonObject = capabilities) =>
      send(to, 'tasks/get', { taskId } as JsonObject, { capabilities: can });
    expect((await get(url)).result.status).toBe('working');
    expect((await get(await start({ principal: 'local:other' }))).error?.code).toBe(-32602);
    expect((await get(new URL('/mcp', url))).error?.code).toBe(-32602);
    const refused = await get(url, { elicitation: {} });
    expect([refused.status, refused.error]).toMatchObject([
      400,
      { code: -32021, data: { requiredCapabilities: TASKS } },
    ]);
    const none = await send(url, 'tasks/get', { taskId: 'none' }, { capabilities });
    expect(none.error).toMatchObject({ code: -32602, message: 'Task not found' });
    const unnamed = await send(url, 'tasks/cancel', {}, { capabilities });
    expect(unnamed.error?.code).toBe(-32602);
  });

  it('asks for input, takes it in whatever gateway, and passes over what was not asked', async () => {
    const [url, other] = [await start({ tasksAfterMs: 0 }), await start()];
    gateways[0]?.catalogues.tools.push({
      ...{ name: 'ask', inputSchema: { type: 'object' } },
      execution: { taskSupport: 'optional' },
    });
    const params = { message: 'who?' };
    const asking = { name: 'ask', arguments: { method: 'elicitation/create', params } };
    const { taskId } = await task(url, asking);
    const asked = await send(other, 'tasks/get', { taskId } as JsonObject, { capabilities });
    expect(asked.result).toMatchObject({
      status: 'input_required',
      inputRequests: { '1': { method: 'elicitation/create', params } },
    });
    const update = (inputResponses: JsonObject) =>
      send(other, 'tasks/update', { taskId, inputResponses } as JsonObject, { capabilities });
    expect((await update({ '7': { action: 'accept' } })).result.resultType).toBe('complete');
    expect((await ended(other, taskId)).status).toBe('input_required');
    await update({ '1': { action: 'decline' } });
    expect(await ended(other, taskId)).toMatchObject({
      status: 'completed',
      result: { content: [{ text: JSON.stringify({ result: { action: 'decline' } }) }] },
    });
    const wrong = { taskId, inputResponses: 'yes' } as JsonObject;
    const refused = await send(other, 'tasks/update', wrong, { capabilities });
    expect(refused.error?.code).toBe(-32602);
  });
});
