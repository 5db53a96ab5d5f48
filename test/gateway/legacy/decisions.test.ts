import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventId, type EventPosition, readEventId } from '../../../src/gateway/legacy/event-id';
import { endpointCapabilities } from '../../../src/gateway/endpoint/endpoint-capabilities';
import { KeptMessages, MAX_KEPT_EVENTS } from '../../../src/gateway/legacy/kept-messages';
import { receivesLevel, moreVerbose } from '../../../src/domain/catalogue/log-levels';
import { Progress } from '../../../src/gateway/calls/progress';
import { scopeOf, scopeText } from '../../../src/gateway/endpoint/scope-text';
import { SessionSigner } from '../../../src/gateway/legacy/session-signer';
import { type JsonObject } from '../../../src/base/json';

const keyOf = (text: string) => createHash('sha256').update(text).digest();
const seal = new SessionSigner(keyOf('key'), 'session');

describe('an event id', () => {
  it.each<EventPosition>([
    { number: 0 },
    { number: 7, life: 'abc' },
    { number: 1, request: 5 },
    { number: 2, request: 'r', callId: 'call/a/b', progressToken: 't', progress: 0.5, asked: 3 },
    { number: 3, request: 0, callId: 'call/a/b', progressToken: 0, isLast: true },
  ])('brings back where a client was: %j', (position) => {
    const id = eventId(seal, position);
    expect(id).toMatch(/^[\w.-]+$/); // fits into a header and an event
    expect(readEventId(seal, id)).toEqual(position);
  });

  const own = eventId(seal, { number: 1, request: 5 });
  it.each([
    ['of another session', eventId(new SessionSigner(keyOf('key'), 'other'), { number: 1 })],
    [
      'of another data directory',
      eventId(new SessionSigner(keyOf('other'), 'session'), { number: 1 }),
    ],
    ['that was changed', `A${own}`],
    ['without a seal', own.split('.')[0] ?? ''],
    ['that is empty', ''],
    ['that is a dot', '.'],
    ['that is far too long', own.repeat(100)],
    ['of the right seal and the wrong content', seal.seal('bm90IGpzb24')],
    [
      'of the right seal and another content',
      seal.seal(Buffer.from('{"a":1}').toString('base64url')),
    ],
  ])('%s is none', (_what, id) => {
    expect(readEventId(seal, id)).toBeUndefined();
  });
});

it.each([
  [undefined, 'debug', true],
  ['warning', 'info', false],
  ['warning', 'warning', true],
  ['warning', 'emergency', true],
  ['emergency', 'no level', true],
])('a client that wants %s and a message of %s: %s', (wanted, level, expected) => {
  expect(receivesLevel(wanted, level)).toBe(expected);
});

it.each([
  [undefined, 'error', 'error'],
  ['error', 'info', 'info'],
  ['debug', 'info', 'debug'],
])('of %s and %s, %s lets more through', (one, other, expected) => {
  expect(moreVerbose(one, other)).toBe(expected);
});

it.each([
  { kind: 'all' as const },
  { kind: 'profile' as const, name: 'a/b' },
  { kind: 'server' as const, name: 's' },
])('the text of a scope says all of it: %j', (scope) => {
  expect(scopeOf(scopeText(scope))).toEqual(scope);
});

describe('capabilities', () => {
  const all = ['completions', 'logging', 'prompts', 'resources', 'tools'];
  const server = { scope: { kind: 'server' as const, name: 's' } };
  it.each([
    ['of everything are all of ours', { scope: { kind: 'all' as const } }, { tools: {} }, all],
    ['of a server that is not known yet are all of ours', server, {}, all],
    ['of a server are its own', server, { tools: {}, extensions: {} }, ['extensions', 'tools']],
  ])('%s', (_what, scope, capabilities, expected) => {
    expect(Object.keys(endpointCapabilities({ capabilities }, scope, false)).sort()).toEqual(
      expected,
    );
  });

  it('have our tasks, not those of a server', () => {
    const ofServer: JsonObject = { tools: {}, tasks: { odd: {} } };
    const view = { capabilities: ofServer };
    expect(endpointCapabilities(view, server, false)).not.toHaveProperty('tasks');
    expect(endpointCapabilities(view, server, true)).toMatchObject({
      tasks: { list: {}, cancel: {} },
    });
  });
});

describe('progress', () => {
  it('is what the server says, as long as it says something', () => {
    const sent: JsonObject[] = [];
    const progress = new Progress((params) => sent.push(params));
    for (const value of [0, 5, 5, 3]) progress.report({ progress: value, total: 9, message: 'm' });
    progress.stop();
    expect(sent.map((params) => params.progress)).toEqual([0, 5, 5, 3]);
    expect(sent[0]).toEqual({ progress: 0, total: 9, message: 'm' });
  });

  it.each([0, 0.5, 1e15, -3])(
    'grows by itself when the server is silent after %d, and after that',
    async (first) => {
      const sent: number[] = [];
      const add = (params: JsonObject) => void sent.push(Number(params.progress));
      const progress = new Progress(add, { intervalMs: 10 });
      progress.report({ progress: first });
      while (sent.length < 3) await sleep(5);
      progress.report({ progress: first });
      progress.report({ progress: first + 1 + Math.abs(first) });
      progress.stop();
      expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b));
    },
  );

  it('goes on above what another process has said', async () => {
    const sent: number[] = [];
    const progress = new Progress(({ progress: value }) => void sent.push(Number(value)), {
      ...{ from: 4, intervalMs: 10 },
    });
    while (sent.length < 1) await sleep(5);
    progress.stop();
    expect(sent[0]).toBeGreaterThan(4);
  });
});

describe('kept messages', () => {
  const message = { jsonrpc: '2.0' as const, method: 'm' };

  it('are those behind a number, and those that were not sent, once', () => {
    const kept = new KeptMessages();
    kept.add(message, true);
    kept.add(message, false);
    kept.skip();
    kept.add(message, true);
    expect(kept.behind(1)?.map(({ number }) => number)).toEqual([2, 4]);
    expect(kept.unsent()).toEqual([]);
    expect(kept.behind(4)).toEqual([]);
  });

  it('are limited, and say so when something is missing', () => {
    const kept = new KeptMessages();
    for (let count = 0; count < MAX_KEPT_EVENTS + 2; count += 1) kept.add(message, true);
    expect(kept.behind(1)).toBeUndefined();
    expect(kept.behind(2)).toHaveLength(MAX_KEPT_EVENTS);
  });
});
