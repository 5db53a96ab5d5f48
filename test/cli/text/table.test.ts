import { durationText, renderServers, renderTable, stateText } from '../../../src/cli/text/table';
import { renderList } from '../../../src/cli/commands/list';
import { CLOSED } from '../../../src/domain/isolation/isolation';
import { type ServerSummary } from '../../../src/domain/servers/status';

const server: ServerSummary = {
  ...{ name: 'files', type: 'stdio', state: 'RUNNING', health: 'HEALTHY', enabled: true },
  ...{ generation: 1, host: 'vm', pid: 1, uptimeMs: 61_000, latencyMs: 1.25, tools: 3 },
  ...{ reason: 'it answers', breaker: CLOSED, blockedTools: [] },
};

it('a table aligns its columns and leaves no space at the end of a line', () => {
  expect(
    renderTable(
      ['A', 'Long'],
      [
        ['wide cell', 'x'],
        ['y', ''],
      ],
      false,
    ),
  ).toBe(['A          Long', 'wide cell  x', 'y'].join('\n'));
});

it('servers are plain text in a pipe, and say when one is disabled', () => {
  const idle: ServerSummary = {
    ...server,
    ...{ name: 'idle', state: 'STOPPED', health: 'UNKNOWN', enabled: false },
    ...{ uptimeMs: null, latencyMs: null, tools: null },
  };
  expect(renderServers([server, idle], false).split('\n')).toEqual([
    'Name   Type   State               Health   Uptime  Latency  Tools',
    'files  stdio  RUNNING             HEALTHY  1m 1s   1.3 ms   3',
    'idle   stdio  STOPPED (disabled)  UNKNOWN  -       -        -',
  ]);
});

it('the list says below the table why a server does not run', () => {
  const idle: ServerSummary = { ...server, state: 'STOPPED', reason: 'stopped' };
  const unplaced = 'UNSCHEDULABLE: no host has the label "gpu" (for 12 s)';
  const waiting: ServerSummary = { ...server, state: 'STARTING', reason: unplaced };
  const failed: ServerSummary = { ...server, state: 'ERROR', reason: 'exited with code 1:\nno' };
  expect(renderList([server, idle], false)).toBe(renderServers([server, idle], false));
  expect(renderList([waiting, failed], false).split('\n').slice(3)).toEqual([
    '',
    `files: ${unplaced}`,
    'files: exited with code 1:',
  ]);
});

it('a server that runs has notes about what keeps calls from it', () => {
  const open: ServerSummary = { ...server, name: 'open', breaker: { ...CLOSED, state: 'open' } };
  const blocked: ServerSummary = { ...server, name: 'tools', blockedTools: ['a', 'b'] };
  const retried = { ...server, name: 'slow', blockedTools: ['a'], retrying: 1 };
  const lines = renderServers([server, open, blocked, retried], false).split('\n');
  expect(lines.map((line) => line.split(/ {2,}/)[7])).toEqual([
    'Notes',
    undefined,
    'circuit open',
    '2 tools waiting for approval',
    '1 tool waiting for approval, 1 call waiting for another attempt',
  ]);
});

it('a state has an icon on a terminal only', () => {
  expect(stateText('RUNNING', false)).toBe('RUNNING');
  expect(stateText('RUNNING', true)).toContain('● RUNNING');
});

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1s'],
  [60_000, '1m 0s'],
  [3_600_000 * 26, '1d 2h'],
])('%d ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
