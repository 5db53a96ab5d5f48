import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { internalsOf } from '../../src/client/internal';
import { readInstance } from '../../src/offline/instance';
import { openStore } from '../../src/store/open-store';
import { type Store } from '../../src/store/store';
import { connectNative } from '../../src/temporal/native-connection';
import { type GatewayActivities } from '../../src/domain/activity-types';
import { type InputResponse, type ClientInputRequest } from '../../src/domain/calls/input-requests';
import { type CallOutcome } from '../../src/domain/calls/calls';
import { gatewayQueue } from '../../src/domain/names';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';
import { isJsonObject, type JsonObject } from '../../src/base/json';

/** A gateway without clients of its own: the test answers. */
const GATEWAY = `gw-${randomUUID()}`;
const ORIGIN = { gateway: GATEWAY, session: 's1', capabilities: { elicitation: {}, roots: {} } };
const ERAS = ['legacy', 'modern'] as const;

let instance: TestInstance;
let answer: (ask: ClientInputRequest, signal: AbortSignal) => Promise<InputResponse>;
const asked: ClientInputRequest[] = [];
let stopGateway: () => Promise<void>;
let store: Store;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const server = (era: string) => ({
    command: 'node',
    args: [fixture('asking-server.js')],
    env: { ERA: era },
    protocol: era === 'modern' ? ('modern' as const) : ('legacy' as const),
  });
  const config = { legacy: server('legacy'), modern: server('modern') };
  instance = await startInstance({ config });
  stopGateway = await startGateway();
  store = await openStore(instance.home);
});
beforeEach(() => asked.splice(0));

async function startGateway(): Promise<() => Promise<void>> {
  const found = await readInstance(instance.home);
  if (!found) throw new Error('the instance does not run');
  const { address, namespace } = found.temporal;
  const connection = await connectNative({ address, namespace });
  const activities: GatewayActivities = {
    async askClient(ask) {
      asked.push(ask);
      const context = Context.current();
      const timer = setInterval(() => context.heartbeat(), 500);
      return answer(ask, context.cancellationSignal).finally(() => clearInterval(timer));
    },
  };
  const taskQueue = gatewayQueue(GATEWAY);
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue, activities: { ...activities } },
    maxHeartbeatThrottleInterval: 500,
  });
  const run = worker.run();
  return async () => {
    worker.shutdown();
    await run;
    await connection.close();
  };
}

const ACCEPT = { result: { action: 'accept', content: { name: 'Ada' } } };
const never = (_ask: ClientInputRequest, signal: AbortSignal) =>
  new Promise<InputResponse>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(new Error('withdrawn'))),
  );

function saidIn({ result }: CallOutcome): unknown {
  const { content } = result ?? {};
  const [first] = Array.isArray(content) ? content : [];
  if (!isJsonObject(first) || typeof first['text'] !== 'string') return undefined;
  return JSON.parse(first['text']);
}

describe('what a gateway relies on', () => {
  // Here, so that it ends before the instance does.
  afterAll(async () => {
    await stopGateway();
    await store.close();
  });

  describe.each(ERAS)('a %s server', (server) => {
    const wrapped = (result: JsonObject) =>
      server === 'modern' ? { answer: result, requestState: 's/1=' } : result;

    it('asks the client of a call, however long that takes', async () => {
      answer = async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        return ACCEPT;
      };
      const options = { origin: ORIGIN, timeoutMs: 1_000 };
      const call = await instance.client.startCall(server, 'elicit', {}, options);
      const [pending] = await until('the question', async () => {
        const found = await internalsOf(instance.client).inputRequests.pending(call.id);
        return found.length > 0 && found;
      });
      expect(pending).toMatchObject({ callId: call.id, server, method: 'elicitation/create' });
      expect(saidIn(await call.result())).toEqual(wrapped(ACCEPT.result));
      expect(asked).toEqual([expect.objectContaining({ ...pending, origin: ORIGIN })]);
    });

    it('gets the first answer, whoever gives it', async () => {
      answer = never;
      const call = await instance.client.startCall(server, 'elicit', {}, { origin: ORIGIN });
      await until('the question', () => asked.length > 0);
      const { askId = '' } = asked[0] ?? {};
      await internalsOf(instance.client).inputRequests.answer(askId, {
        result: { action: 'decline' },
      });
      await internalsOf(instance.client).inputRequests.answer(askId, ACCEPT);
      expect(saidIn(await call.result())).toEqual(wrapped({ action: 'decline' }));
    });

    it('has its question taken back when the call is cancelled', async () => {
      let isWithdrawn = false;
      answer = async (ask, signal) => {
        await never(ask, signal).catch(() => (isWithdrawn = true));
        throw new Error('withdrawn');
      };
      const call = await instance.client.startCall(server, 'elicit', {}, { origin: ORIGIN });
      await until('the question', () => asked.length > 0);
      await call.cancel('enough');
      expect((await call.result()).outcome).toBe('cancelled');
      await until('the end of the question', () => isWithdrawn);
    });

    it('is read and asked for prompts through its queue', async () => {
      answer = async () => ACCEPT;
      const { requests } = internalsOf(instance.client);
      const meta = { traceparent: '00-1' };
      const read = await requests.start(server, 'resources/read', { uri: 'test://1' }, { meta });
      expect(await read.result()).toMatchObject({
        result: { contents: [{ text: 'content', vendor: true }], seen: meta },
      });
      const big = await requests.start(server, 'resources/read', { uri: 'test://big' });
      expect(await big.result()).toMatchObject({
        result: { contents: [{ uri: 'test://big', text: 'x'.repeat(2_000_000) }] },
      });
      const missing = await requests.start(server, 'resources/read', { uri: 'nope://1' });
      expect(await missing.result()).toEqual({
        rpcError: { code: -32002, message: 'not found', data: { uri: 'nope://1' } },
      });
      const prompt = await requests.start(
        server,
        'prompts/get',
        { name: 'greet' },
        { origin: ORIGIN },
      );
      expect(await prompt.result()).toMatchObject({
        result: { answer: JSON.stringify(wrapped(ACCEPT.result)) },
      });
      const crash = await requests.start(server, 'resources/read', { uri: 'test://crash' });
      expect(await crash.result()).toMatchObject({ error: { code: 'REQUEST_FAILED' } });
    });

    it('keeps the error that it answers a call with', async () => {
      const outcome = await instance.client.callTool(server, 'fails', {});
      expect(outcome).toMatchObject({
        outcome: 'tool_error',
        rpcError: { code: -32042, message: 'exactly so', data: { why: ['because'] } },
      });
    });

    it('is listed with all that it offers, and again when that has changed', async () => {
      const { sockets } = internalsOf(instance.client);
      const heard: object[] = [];
      const stop = sockets.onNotice((notice) => void heard.push(notice));
      sockets.listenAs(GATEWAY);
      sockets.setInterest('test', { [server]: { resources: ['test://1'], logLevel: 'debug' } });
      const stored = () => store.offers.get(server);
      const first = await until('the offer', stored);
      expect(first).toMatchObject({
        serverInfo: { name: 'asking', vendor: { kept: true } },
        instructions: 'Ask me.',
        templates: [{ uriTemplate: 'test://item/{id}', name: 'item' }],
      });
      const origin = ORIGIN;
      await until('the subscription', async () => {
        const outcome = await instance.client.callTool(
          server,
          'touch',
          { uri: 'test://1' },
          { origin },
        );
        const subscribed = saidIn(outcome);
        return Array.isArray(subscribed) && subscribed.length > 0;
      });
      const { callId } = await instance.client.callTool(server, 'log', {}, { origin });
      await instance.client.callTool(server, 'changeLists', {});
      await until('the new list', async () => ((await stored())?.resources.length ?? 0) > 2);
      const log = { type: 'notification', server, callId, method: 'notifications/message' };
      await until('all that was said', () => {
        const said = JSON.stringify(heard);
        return (
          said.includes('"listed"') && said.includes('resources/updated') && said.includes(callId)
        );
      });
      expect(heard).toContainEqual(expect.objectContaining(log));
      expect(heard).toContainEqual({ type: 'listed', server, kind: 'prompts' });
      stop();
    });
  });
});
