import {
  mayMove,
  possibleCommands,
  type ServerCommand,
  type ServerState,
  STATES,
} from '../../src/domain/states';

const states = Object.keys(STATES) as ServerState[]; // the record has exactly these keys
const commands: ServerCommand[] = [
  'start',
  'stop',
  'restart',
  'reload',
  'enable',
  'disable',
  'remove',
];

/** What an enabled server takes, beside reload, disable and remove, which it takes always. */
const table: [ServerState, { calls: string; takes: ServerCommand[] }][] = [
  ['STOPPED', { calls: 'refuse', takes: ['start', 'restart'] }],
  ['INSTALLING', { calls: 'wait', takes: ['stop'] }],
  ['STARTING', { calls: 'wait', takes: ['stop', 'restart'] }],
  ['RUNNING', { calls: 'run', takes: ['stop', 'restart'] }],
  ['STOPPING', { calls: 'refuse', takes: ['start', 'restart'] }],
  ['BACKOFF', { calls: 'wait', takes: ['stop', 'restart'] }],
  ['RECOVERING', { calls: 'wait', takes: ['stop', 'restart'] }],
  ['ERROR', { calls: 'refuse', takes: ['start', 'stop', 'restart'] }],
  ['QUARANTINED', { calls: 'refuse', takes: ['stop', 'restart'] }],
  ['MAINTENANCE', { calls: 'wait', takes: ['start', 'stop', 'restart'] }],
];

test('the table covers every state', () => {
  expect(table.map(([state]) => state).sort()).toEqual([...states].sort());
});

describe.each(table)('a server that is %s', (state, { calls, takes }) => {
  test(`lets calls ${calls}`, () => {
    expect(STATES[state].calls).toBe(calls);
  });

  test.each(commands)('decides about %s while it is enabled', (command) => {
    const isPossible = [...takes, 'reload', 'disable', 'remove'].includes(command);
    expect(possibleCommands(state, true).includes(command)).toBe(isPossible);
  });

  test.each(commands)('decides about %s while it is disabled', (command) => {
    const withoutStarts = takes.filter((taken) => taken === 'stop');
    const isPossible = [...withoutStarts, 'reload', 'enable', 'remove'].includes(command);
    expect(possibleCommands(state, false).includes(command)).toBe(isPossible);
  });

  test('stays where it is, or moves only as the table allows', () => {
    const reachable = states.filter((to) => mayMove(state, to));
    expect([...reachable].sort()).toEqual([...new Set([state, ...STATES[state].next])].sort());
  });

  test('can be given up or stopped from here', () => {
    const ways = STATES[state].next;
    const isEnd = state === 'STOPPED';
    expect(isEnd || ways.includes('STOPPED') || ways.includes('STOPPING')).toBe(true);
  });
});

test.each<[ServerState, ServerState, boolean]>([
  ['STOPPED', 'STARTING', true],
  ['STOPPED', 'RUNNING', false],
  ['STARTING', 'RUNNING', true],
  ['RUNNING', 'RECOVERING', true],
  ['RUNNING', 'INSTALLING', false],
  ['STOPPING', 'RUNNING', false],
  ['STOPPING', 'STOPPED', true],
  ['ERROR', 'RUNNING', false],
  ['ERROR', 'ERROR', true],
])('from %s to %s is a transition: %s', (from, to, expected) => {
  expect(mayMove(from, to)).toBe(expected);
});

test('a disabled server in any state can be enabled and never started', () => {
  for (const state of states) {
    const possible = possibleCommands(state, false);
    expect(possible).toContain('enable');
    expect(possible).not.toContain('start');
    expect(possible).not.toContain('restart');
    expect(possible).not.toContain('disable');
  }
});
