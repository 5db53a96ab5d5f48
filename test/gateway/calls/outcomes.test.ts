import { type CallOutcome } from '../../../src/domain/calls/calls';
import { type ErrorCode } from '../../../src/base/errors';
import { idempotencyKeyOf, metaForServer } from '../../../src/gateway/calls/client-meta';
import { callResult, requestResult } from '../../../src/gateway/calls/outcomes';
import { RpcError } from '../../../src/gateway/rpc';
import { RPC } from '../../../src/base/jsonrpc';

const CALL = {
  ...{ callId: 'call/tiny/1', correlationId: 'c', server: 'tiny', tool: 'echo' },
  ...{ queuedMs: 0, ranMs: 0 },
};

const failed = (code: ErrorCode, outcome: CallOutcome['outcome'] = 'failed'): CallOutcome => ({
  ...CALL,
  outcome,
  error: { code, message: 'why', fix: 'how' },
});

function errorOf(work: () => unknown): RpcError | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  return undefined;
}

describe('the result of a call', () => {
  test('is what the server sent, also when it says that it failed', () => {
    const result = {
      content: [{ type: 'text', text: 'x', unknown: 1 }],
      isError: true,
      more: null,
    };
    expect(callResult({ ...failed('TOOL_ERROR', 'tool_error'), result }, 'modern')).toBe(result);
  });

  test("is the server's own error", () => {
    const rpcError = { code: -32123, message: 'mine', data: { a: 1 } };
    const error = errorOf(() =>
      callResult({ ...failed('TOOL_ERROR', 'tool_error'), rpcError }, 'modern'),
    );
    expect(error?.toObject()).toEqual(rpcError);
  });

  test('lets a model correct its arguments', () => {
    expect(callResult(failed('INVALID_ARGUMENTS'), 'modern')).toEqual({
      content: [{ type: 'text', text: 'why' }],
      isError: true,
    });
  });

  test.each<[ErrorCode, CallOutcome['outcome'], number]>([
    ['UNKNOWN_TOOL', 'failed', RPC.invalidParams],
    ['SERVER_NOT_RUNNING', 'failed', RPC.serverError],
    ['QUEUE_TIMEOUT', 'failed', RPC.serverError],
    ['OUTCOME_UNKNOWN', 'unknown', RPC.serverError],
    ['CALL_CANCELLED', 'cancelled', RPC.serverError],
  ])('%s, %s: error %d', (code, outcome, expected) => {
    const error = errorOf(() => callResult(failed(code, outcome), 'modern'));
    expect(error?.code).toBe(expected);
    if (expected !== RPC.serverError) return;
    expect(error?.data).toEqual({ code, outcome, fix: 'how', callId: CALL.callId });
  });
});

test('the result of a request is the answer, or why there is none', () => {
  expect(requestResult({ result: { contents: [] } })).toEqual({ contents: [] });
  const rpcError = { code: -32002, message: 'no such thing' };
  expect(errorOf(() => requestResult({ rpcError }))?.toObject()).toEqual(rpcError);
  const error = { code: 'QUEUE_TIMEOUT' as const, message: 'why', fix: 'how' };
  expect(errorOf(() => requestResult({ error }))?.toObject()).toEqual({
    code: RPC.serverError,
    message: 'why',
    data: { code: 'QUEUE_TIMEOUT', fix: 'how' },
  });
});

describe('_meta of a client', () => {
  test('reaches the server without what is between the client and Mainspring', () => {
    const meta = {
      traceparent: '00-1',
      'com.example/own': { a: 1 },
      progressToken: 7,
      'mainspring/idempotencyKey': 'k',
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    };
    expect(metaForServer(meta)).toEqual({ traceparent: '00-1', 'com.example/own': { a: 1 } });
    expect(metaForServer({ progressToken: 7 })).toBeUndefined();
  });

  test('names the call, if it holds a key', () => {
    expect(idempotencyKeyOf({ 'mainspring/idempotencyKey': 'k' })).toBe('k');
    expect(idempotencyKeyOf({})).toBeUndefined();
    for (const key of [7, '', null]) {
      expect(() => idempotencyKeyOf({ 'mainspring/idempotencyKey': key })).toThrow(RpcError);
    }
  });
});
