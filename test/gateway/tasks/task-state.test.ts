import { type CallDescription } from '../../../src/client/calls/call-status';
import { type InputRequest } from '../../../src/domain/calls/input-requests';
import { type GatewayTask } from '../../../src/domain/endpoint/gateway-task';
import { RpcError } from '../../../src/gateway/rpc';
import { legacyResult, legacyTask } from '../../../src/gateway/tasks/legacy-task';
import { detailedTask } from '../../../src/gateway/tasks/modern-tasks';
import { afterCursor, cursorAfter } from '../../../src/gateway/tasks/task-cursor';
import { endState, openState, type TaskEnd } from '../../../src/gateway/tasks/task-state';

const task: GatewayTask = {
  ...{ taskId: 'call/tiny/1', principal: 'p', scope: 'all', server: 'tiny', tool: 'tiny__wait' },
  ...{ createdAtMs: 1_000, ttlMs: 60_000 },
};
const look: CallDescription = {
  ...{ callId: 'call/tiny/1', server: 'tiny', tool: 'wait', principal: 'p' },
  ...{ status: 'running', submittedAtMs: 900, changedAtMs: 2_000, asks: [] },
};
const ask: InputRequest = {
  ...{ askId: 'ask/call/tiny/1/3', callId: 'call/tiny/1', server: 'tiny' },
  ...{ method: 'elicitation/create', params: { message: 'who?' } },
  ...{ createdAtMs: 1_500, timeoutMs: 1 },
};

describe('a task whose call has not ended', () => {
  it.each([
    ['waits', { status: 'queued' }, 'working', 'The call is waiting for "tiny".'],
    ['runs', {}, 'working', '"tiny" is working on it.'],
    ['progresses', { progress: { progress: 1 } }, 'working', 'Progress: 1.'],
    [
      'progresses to an end',
      { progress: { progress: 1, total: 4 } },
      'working',
      'Progress: 1 of 4.',
    ],
    ['says how', { progress: { progress: 1, message: 'half' } }, 'working', 'half'],
    [
      'asks',
      { asks: [ask] },
      'input_required',
      '"tiny" is waiting for an answer to elicitation/create.',
    ],
  ] as const)('%s', (_what, more, status, statusMessage) => {
    const state = openState(task, { ...look, ...more, asks: 'asks' in more ? [...more.asks] : [] });
    expect(detailedTask(state)).toEqual({
      ...{ taskId: 'call/tiny/1', status, statusMessage },
      createdAt: '1970-01-01T00:00:01.000Z',
      lastUpdatedAt: '1970-01-01T00:00:02.000Z',
      ...{ ttlMs: 60_000, pollIntervalMs: 1_000 },
      ...(status === 'input_required' && {
        inputRequests: { '3': { method: 'elicitation/create', params: { message: 'who?' } } },
      }),
    });
    expect(legacyTask(state)).toMatchObject({ status, ttl: 60_000, pollInterval: 1_000 });
  });
});

describe('a task whose call has ended', () => {
  const result = { content: [{ type: 'text', text: 'done' }] };
  const ofServer = new RpcError(-32603, 'no luck', { why: 1 });
  const ours = (code: string, outcome: string) => new RpcError(-32000, code, { code, outcome });
  const ends: [string, TaskEnd, number | undefined, string, string][] = [
    ['with a result', { result }, undefined, 'completed', 'completed'],
    [
      "with the tool's error",
      { result: { ...result, isError: true } },
      undefined,
      'completed',
      'failed',
    ],
    ["with the server's error", { error: ofServer }, undefined, 'failed', 'failed'],
    [
      'without having run',
      { error: ours('QUEUE_TIMEOUT', 'failed') },
      undefined,
      'failed',
      'failed',
    ],
    [
      'nobody knows how',
      { error: ours('OUTCOME_UNKNOWN', 'unknown') },
      undefined,
      'failed',
      'failed',
    ],
    ['cancelled', { error: ours('CALL_CANCELLED', 'cancelled') }, 1_500, 'cancelled', 'cancelled'],
    [
      'cancelled by somebody else',
      { error: ours('CALL_CANCELLED', 'failed') },
      undefined,
      'cancelled',
      'cancelled',
    ],
    [
      'unknown after a cancel',
      { error: ours('OUTCOME_UNKNOWN', 'unknown') },
      1_500,
      'cancelled',
      'cancelled',
    ],
    ['with a result all the same', { result }, 1_500, 'completed', 'cancelled'],
    ["with the server's error all the same", { error: ofServer }, 1_500, 'failed', 'cancelled'],
  ];

  it.each(ends)('%s', (_what, end, cancelledAtMs, modern, legacy) => {
    const own = cancelledAtMs === undefined ? task : { ...task, cancelledAtMs };
    const state = endState(own, end, 3_000);
    const detailed = detailedTask(state);
    expect([detailed.status, legacyTask(state).status]).toEqual([modern, legacy]);
    expect('result' in detailed).toBe(modern === 'completed');
    expect('error' in detailed).toBe(modern === 'failed');
  });

  it('gives legacy clients what the call itself would have given', () => {
    expect(legacyResult(endState(task, { result }, 3_000))).toEqual({
      ...result,
      _meta: { 'io.modelcontextprotocol/related-task': { taskId: 'call/tiny/1' } },
    });
    expect(() => legacyResult(endState(task, { error: ofServer }, 3_000))).toThrow(ofServer);
    const cancelled = endState({ ...task, cancelledAtMs: 1_500 }, { result }, 3_000);
    expect(() => legacyResult(cancelled)).toThrow('cancelled by request');
  });
});

describe('the cursor of tasks/list', () => {
  it('says where the next page begins, and is refused when it is none', () => {
    expect(afterCursor(cursorAfter(task))).toEqual({ createdAtMs: 1_000, taskId: 'call/tiny/1' });
    for (const cursor of ['', 'x', 7, cursorAfter({ createdAtMs: 1, taskId: '' })]) {
      expect(() => afterCursor(cursor)).toThrow('Invalid cursor');
    }
  });
});
