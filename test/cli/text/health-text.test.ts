import { stripVTControlCharacters } from 'node:util';
import { fitLine, fitLines } from '../../../src/cli/text/fit-line';
import { renderHealth } from '../../../src/cli/text/health-text';
import { renderTop, sortedForTop, type Sort } from '../../../src/cli/text/top-text';
import { changesBetween, changeText } from '../../../src/cli/actions/monitor/poll-servers';
import { noCalls } from '../../../src/domain/calls/call-stats';
import { type HealthSummary } from '../../../src/domain/health/health-view';

const summary = (server: string, over: Partial<HealthSummary> = {}): HealthSummary => ({
  ...{ server, type: 'stdio', state: 'RUNNING', shouldRun: true, health: 'HEALTHY' },
  ...{ reason: 'it\n  answers', sinceMs: 0, uptimeMs: 65_000, rssBytes: 2 ** 21, cpuPercent: 1 },
  ...{ threads: 1, inFlight: 0, restarts: 0, generation: 1, host: 'h', tags: [] },
  ...{ calls: noCalls(server, 0), latency: { lastMs: 2, p50Ms: 2, p95Ms: 2 } },
  ...over,
});

test.each<[what: string, line: string, columns: number, fitted: string]>([
  ['short', 'abc', 5, 'abc'],
  ['long', 'abcdef', 3, 'abc\x1b[0m'],
  ['coloured', '\x1b[32mabc\x1b[39mdef', 4, '\x1b[32mabc\x1b[39md\x1b[0m'],
  ['of wide letters', 'äöü', 3, 'äöü'],
])('fits a %s line', (_what, line, columns, fitted) => {
  expect(fitLine(line, columns)).toBe(fitted);
});

it('says how many lines a low terminal does not show', () => {
  expect(fitLines(['a', 'b', 'c'], 3)).toEqual(['a', 'b', 'c']);
  expect(fitLines(['a', 'b', 'c'], 2)).toEqual(['a', '… 2 more lines']);
});

it('tells changes, first sights and ends, a line each', () => {
  const before = [summary('a'), summary('b'), summary('c')];
  const now = [summary('a'), summary('b', { health: 'DEGRADED' }), summary('d')];
  expect(changesBetween(before, now, 0).map(changeText)).toEqual([
    '1970-01-01 00:00:00Z b RUNNING HEALTHY → RUNNING DEGRADED: it / answers',
    '1970-01-01 00:00:00Z d RUNNING HEALTHY: it / answers',
    '1970-01-01 00:00:00Z c RUNNING HEALTHY → gone: removed',
  ]);
});

const crash = { count: 3, lastMessage: 'gone', lastAtMs: 1 };
const fleet = [
  summary('a'),
  summary('b', { health: 'UNHEALTHY', rssBytes: 2 ** 30 }),
  summary('c', {
    calls: { ...noCalls('c', 0), errors: { crash }, perSecond: { last10s: 2, last60s: 1 } },
  }),
  summary('d', { state: 'STOPPED', uptimeMs: null, rssBytes: null }),
];

test.each<[sort: Sort, names: string]>([
  ['name', 'abcd'],
  ['health', 'bacd'],
  ['mem', 'bacd'],
  ['calls', 'cabd'],
  ['errors', 'cabd'],
  ['state', 'abcd'],
  ['uptime', 'abcd'],
])('sorts by %s', (sort, names) => {
  expect(
    sortedForTop([...fleet].reverse(), sort)
      .map(({ server }) => server)
      .join(''),
  ).toBe(names);
});

it('draws the live table', () => {
  expect(renderTop(fleet, 0, false)).toEqual([
    '00:00:00Z  2.0 calls/s  3 errors/h  4 servers: 3 RUNNING, 1 STOPPED',
    'Name  Type   State    Health     Uptime  Latency  Mem       Calls/s  Errors',
    'a     stdio  RUNNING  HEALTHY    1m 5s   2.0 ms   2 MiB     0.0      0',
    'b     stdio  RUNNING  UNHEALTHY  1m 5s   2.0 ms   1024 MiB  0.0      0',
    'c     stdio  RUNNING  HEALTHY    1m 5s   2.0 ms   2 MiB     2.0      3',
    'd     stdio  STOPPED  HEALTHY    -       2.0 ms   -         0.0      0',
  ]);
});

it('draws the live table so that no column is lost in a narrow terminal', () => {
  const long = summary('a-server-with-a-long-name', { state: 'QUARANTINED' });
  const drawn = renderTop([long, summary('b')], 0, true, 80).map(stripVTControlCharacters);
  expect(drawn.slice(1)).toEqual([
    'Name             Type  State         Health  Uptime Latency Mem   Calls/s Errors',
    'a-server-with-a… stdio ⊘ QUARANTINED HEALTHY 1m 5s  2.0 ms  2 MiB 0.0     0',
    'b                stdio ● RUNNING     HEALTHY 1m 5s  2.0 ms  2 MiB 0.0     0',
  ]);
});

it('leaves enough of a name to tell servers apart', () => {
  const [, head, row] = renderTop([summary('a-server-with-a-long-name')], 0, false, 20);
  expect([head, row]).toEqual([
    'Name     Type  State   Health  Uptime Latency Mem   Calls/s Errors',
    'a-serve… stdio RUNNING HEALTHY 1m 5s  2.0 ms  2 MiB 0.0     0',
  ]);
});

it('says why a server is as it is in a narrow terminal too', () => {
  expect(renderHealth([summary('a')], false, 80).split('\n')).toEqual([
    'Name  State    Health   Latency  Reason',
    'a     RUNNING  HEALTHY  2.0 ms   it / answers',
  ]);
  expect(renderHealth([summary('a')], false)).toContain('2 MiB');
});
