import { setTimeout as sleep } from 'node:timers/promises';
import { type InputRequest } from '../../../src/domain/calls/input-requests';
import { type ModernRequest, RoundExchange } from '../../../src/gateway/modern/mrtr-round';

/** Longer than separate input requests are combined. */
const APART_MS = 60;

const request: ModernRequest = {
  id: 1,
  method: 'tools/call',
  params: {},
  caller: {
    principal: 'local',
    scope: { kind: 'all' },
    era: 'modern',
    capabilities: { roots: {} },
    clientInfo: { name: 'test', version: '1' },
  },
  meta: {},
  signal: new AbortController().signal,
  send: () => undefined,
};

const ask = (askId: string, together?: number): InputRequest => ({
  askId,
  callId: 'c',
  server: 's',
  key: askId,
  method: 'roots/list',
  params: {},
  createdAtMs: 0,
  timeoutMs: 1_000,
  ...(together !== undefined && { together }),
});

async function idsOf(round: RoundExchange): Promise<string[]> {
  return (await round.asked).map(({ askId }) => askId);
}

it('gives the client together what the server sent at once, however far apart it comes', async () => {
  const round = new RoundExchange(request);
  for (const id of ['a', 'b', 'c']) {
    void round.requestInput(ask(id, 3));
    await sleep(APART_MS);
  }
  expect(await idsOf(round)).toEqual(['a', 'b', 'c']);
});

it('combines separate requests that come at the same moment', async () => {
  const round = new RoundExchange(request);
  void round.requestInput(ask('a'));
  void round.requestInput(ask('b'));
  expect(await idsOf(round)).toEqual(['a', 'b']);
});

it('does not take answers of earlier rounds for requests of this one', async () => {
  const round = new RoundExchange(request, new Set(['x', 'y']));
  for (const id of ['a', 'b', 'c']) void round.requestInput(ask(id, 3));
  expect(await idsOf(round)).toEqual(['a', 'b', 'c']);
});

it('does not wait for what was answered before, in an earlier round or in advance', async () => {
  const earlier = new RoundExchange(request, new Set(['a']));
  void earlier.requestInput(ask('b', 2));
  expect(await idsOf(earlier)).toEqual(['b']);
  const advance = new RoundExchange(request, undefined, { a: { roots: [] } });
  await expect(advance.requestInput(ask('a', 2))).resolves.toEqual({ result: { roots: [] } });
  void advance.requestInput(ask('b', 2));
  expect(await idsOf(advance)).toEqual(['b']);
});
