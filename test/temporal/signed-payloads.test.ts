import { randomBytes } from 'node:crypto';
import { type Payload, type SerializationContext } from '@temporalio/common';
import { isUnsigned } from '../../src/domain/trust/unsigned-values';
import { signedPayloads } from '../../src/temporal/signed-payloads';
import { payloadConverter } from '../../src/temporal/unsigned-converter';

const key = randomBytes(32);
const namespace = 'default';
const workflow = (workflowId: string): SerializationContext => ({
  type: 'workflow',
  ...{ namespace, workflowId },
});
const activity = (activityId: string, workflowId?: string): SerializationContext => ({
  ...{ type: 'activity', namespace, activityId, isLocal: false },
  ...(workflowId !== undefined && { workflowId }),
});
const CALL = activity('call/files/1');

async function sent(value: unknown, context: SerializationContext, by = key): Promise<Payload> {
  const [payload] = await signedPayloads(by, 'accept').encode(
    [payloadConverter.toPayload(value, context)],
    context,
  );
  if (!payload) throw new Error('no payload');
  return payload;
}

/** What a worker makes of it. */
async function received(payload: Payload, context: SerializationContext): Promise<unknown> {
  const [decoded] = await signedPayloads(key, 'mark').decode([payload], context);
  return decoded && payloadConverter.fromPayload(decoded, context);
}

const isRefused = async (payload: Payload, context: SerializationContext) =>
  isUnsigned(await received(payload, context));

test('what a client sends arrives as signed, readable for everybody on the way', async () => {
  const payload = await sent({ tool: 'echo' }, CALL);
  expect(Buffer.from(payload.data ?? '').toString()).toBe('{"tool":"echo"}');
  expect(await received(payload, CALL)).toEqual({ tool: 'echo' });
  expect(await isRefused(payload, CALL)).toBe(false);
});

test('an activity outside of workflows is the same for both sides', async () => {
  expect(await isRefused(await sent({}, CALL), activity('call/files/1', ''))).toBe(false);
});

test('null and nothing can be signed', async () => {
  for (const value of [null, undefined]) {
    const context = workflow('mcp-token/files');
    expect(await received(await sent(value, context), context)).toBe(value);
    const { signature: _none, ...metadata } = (await sent(value, context)).metadata ?? {};
    expect(await isRefused({ metadata, data: Buffer.alloc(0) }, context)).toBe(true);
  }
});

test.each<[what: string, change: (payload: Payload) => Payload | Promise<Payload>]>([
  [
    'without a signature',
    ({ metadata, data }) => ({
      data,
      metadata: { encoding: metadata?.['encoding'] ?? Buffer.alloc(0) },
    }),
  ],
  [
    'with an empty one',
    (payload) => ({ ...payload, metadata: { ...payload.metadata, signature: Buffer.alloc(0) } }),
  ],
  [
    'with a shorter one',
    (payload) => ({
      ...payload,
      metadata: {
        ...payload.metadata,
        signature: (payload.metadata?.['signature'] ?? Buffer.alloc(0)).subarray(0, 8),
      },
    }),
  ],
  ['with other data', (payload) => ({ ...payload, data: Buffer.from('{"tool":"rm"}') })],
  ['of another key', () => sent({ tool: 'echo' }, CALL, randomBytes(32))],
  ['of another activity', () => sent({ tool: 'echo' }, activity('call/files/2'))],
  ['of an activity of a workflow', () => sent({ tool: 'echo' }, activity('call/files/1', 'w'))],
  ['of a workflow', () => sent({ tool: 'echo' }, workflow('call/files/1'))],
])('an input %s is refused', async (_what, change) => {
  expect(await isRefused(await change(await sent({ tool: 'echo' }, CALL)), CALL)).toBe(true);
});

test('garbage that is not signed keeps nobody from going on', async () => {
  const encoding = Buffer.from('json/plain');
  for (const data of ['{', '', '[[[', '\u0000']) {
    const context = workflow('mcp-server/files');
    expect(await isRefused({ metadata: { encoding }, data: Buffer.from(data) }, context)).toBe(
      true,
    );
  }
});

test('whoever only reads finds what was stored before there were signatures', async () => {
  const old = payloadConverter.toPayload({ outcome: 'ok' }, CALL);
  const [payload] = await signedPayloads(key, 'accept').decode([old], CALL);
  const value: unknown = payload && payloadConverter.fromPayload(payload, CALL);
  expect([value, isUnsigned(value)]).toEqual([{ outcome: 'ok' }, false]);
});

test('a signature leaves room in a summary, which Temporal limits to 400 bytes', async () => {
  const { metadata } = await sent('x', workflow('w'));
  const added = 'signature'.length + (metadata?.['signature']?.length ?? 0);
  expect(added).toBeLessThanOrEqual(32);
});
