import { changesOf, watchServers } from '../../../../src/cli/actions/monitor/monitor-step';
import { CLOSED } from '../../../../src/domain/isolation/isolation';
import { type ServerSummary } from '../../../../src/domain/servers/status';

const server = (over: Partial<ServerSummary> = {}): ServerSummary => ({
  ...{ name: 'a', type: 'stdio', state: 'RUNNING', health: 'HEALTHY', enabled: true },
  ...{
    generation: 1,
    host: 'h',
    pid: 1,
    uptimeMs: 1,
    latencyMs: 1,
    tools: 1,
    reason: 'it answers',
  },
  ...{ breaker: CLOSED, blockedTools: [] },
  ...over,
});

test.each<[what: string, before: ServerSummary[], now: ServerSummary[], lines: string[]]>([
  ['nothing but the clock', [server()], [server({ uptimeMs: 2, latencyMs: 3 })], []],
  [
    'another state',
    [server()],
    [server({ state: 'BACKOFF', health: 'UNKNOWN', reason: 'it exited' })],
    ['a: RUNNING HEALTHY → BACKOFF UNKNOWN (it exited)'],
  ],
  ['another process', [server()], [server({ pid: 2 })], ['a: process replaced: it answers']],
  ['a new server', [], [server()], ['a: new, RUNNING']],
  ['a removed server', [server()], [], ['a: removed']],
])('%s', (_what, before, now, lines) => {
  expect(changesOf(before, now)).toEqual(lines);
});

describe('a server that is watched', () => {
  async function watch(...lists: ServerSummary[][]) {
    const abort = new AbortController();
    const queue = [...lists];
    const list = async () => {
      const next = queue.shift() ?? [];
      if (queue.length === 0) abort.abort();
      return next;
    };
    const changes: string[] = [];
    const watched = await watchServers(
      { list },
      {
        ...{ seconds: 60, signal: abort.signal },
        ...{ onList: () => undefined, onChange: (text) => void changes.push(text) },
      },
    );
    return { watched, changes };
  }

  test.each<[what: string, server: Partial<ServerSummary>, healthy: boolean | null]>([
    ['it runs', {}, true],
    ['it was not asked yet', { health: 'UNKNOWN' }, true],
    ['it is degraded', { health: 'DEGRADED' }, false],
    ['it does not run', { state: 'BACKOFF', health: 'UNKNOWN' }, false],
    ['it is stopped', { state: 'STOPPED', health: 'UNKNOWN' }, null],
    ['it is disabled', { state: 'ERROR', health: 'UNKNOWN', enabled: false }, null],
  ])('was healthy as far as anybody knows: %s', async (_what, over, healthy) => {
    const { watched } = await watch([server(over)]);
    expect(watched).toMatchObject([{ healthy }]);
  });

  test('is not called healthy when it was stopped meanwhile', async () => {
    const { watched } = await watch([server()], [server({ state: 'STOPPED', health: 'UNKNOWN' })]);
    expect(watched).toMatchObject([{ state: 'STOPPED', healthy: null }]);
  });

  test('was not healthy all the time when it was not once', async () => {
    const { watched, changes } = await watch([server()], [server({ health: 'UNHEALTHY' })]);
    expect(watched).toMatchObject([{ name: 'a', health: 'UNHEALTHY', healthy: false }]);
    expect(watched[0]?.changes).toHaveLength(1);
    expect(changes).toEqual(['a: RUNNING HEALTHY → RUNNING UNHEALTHY (it answers)']);
  });
});
