import { type HostStatus } from '../../../src/domain/hosts/hosts';
import { errandQueue, placementQueue } from '../../../src/domain/names';
import {
  cannotRun,
  fits,
  isUnfit,
  servedLabels,
  successorsOf,
  wasReleased,
  whyUnplaced,
} from '../../../src/domain/hosts/placement';

function hostOf(id: string, over: Partial<HostStatus> = {}): HostStatus {
  return {
    ...{ id, pid: 1, machine: 'm', labels: [], exclusive: false, capacity: 2, sessions: [] },
    ...{ state: 'ready', startedAtMs: 0, rssBytes: 0, version: '1', isSupervised: false },
    ...{ presence: 'alive', lastSeenAtMs: 0 },
    ...over,
  };
}

const session = (server: string) => ({ server, generation: 1, replica: 0 });
const full = { sessions: [session('a'), session('b')] };

test.each([
  [[], false, ['']],
  [['gpu'], false, ['', 'gpu']],
  [['gpu'], true, ['gpu']],
  [['gpu', 'eu', 'gpu'], false, ['', 'eu', 'gpu', 'eu+gpu']],
  [['c', 'b', 'a'], true, ['a', 'b', 'a+b', 'c', 'a+c', 'b+c', 'a+b+c']],
])('a host with %j (exclusive: %s) serves %j', (labels, exclusive, sets) => {
  expect(servedLabels({ labels, exclusive }).map((set) => set.join('+'))).toEqual(sets);
});

test('the queue of a server is one that every host with its labels polls, in whatever order they are', () => {
  expect(placementQueue(['gpu', 'eu'])).toBe(placementQueue(['eu', 'gpu', 'eu']));
  expect(placementQueue()).toBe('mainspring-hosts');
  expect(placementQueue(['gpu'])).toBe('mainspring-hosts:gpu');
  expect(errandQueue()).toBe('mainspring-errands');
  expect(errandQueue(['gpu', 'eu'])).toBe('mainspring-errands:eu+gpu');
});

test.each([
  [[], false, [], true],
  [['gpu'], false, [], true],
  [['gpu'], true, [], false],
  [['gpu', 'eu'], true, ['gpu'], true],
  [['gpu'], false, ['gpu', 'eu'], false],
])(
  'a host with %j (exclusive: %s) runs what requires %j: %s',
  (labels, exclusive, requires, may) => {
    expect(fits({ labels, exclusive }, requires)).toBe(may);
  },
);

test.each<[string, string[], HostStatus[], string]>([
  ['nobody', [], [], 'no host is running'],
  ['only lost hosts', [], [hostOf('one', { presence: 'lost' })], 'no host is running'],
  ['a missing label', ['gpu'], [hostOf('one')], 'no host has the label "gpu"'],
  [
    'labels of which each is somewhere',
    ['eu', 'gpu'],
    [hostOf('one', { labels: ['eu'] }), hostOf('two', { labels: ['gpu'] })],
    'no single host has "eu" and "gpu"',
  ],
  [
    'only exclusive hosts',
    [],
    [hostOf('one', { labels: ['gpu'], exclusive: true })],
    'every host only accepts servers that require its labels (one)',
  ],
  [
    'full and drained hosts',
    ['gpu'],
    [
      hostOf('one', { labels: ['gpu'], ...full }),
      hostOf('two', { labels: ['gpu'], state: 'drained' }),
      hostOf('three'),
    ],
    'no host with "gpu" can take it: one is full (2 of 2 servers), two is drained',
  ],
  [
    'a silent host',
    [],
    [hostOf('one', { presence: 'silent' })],
    'no host can take it: one is not responding',
  ],
  ['a host with room', [], [hostOf('one', full), hostOf('two')], 'no host has accepted it yet'],
])('with %s a server is told why it waits', (_what, requires, hosts, why) => {
  expect(whyUnplaced(requires, hosts)).toBe(why);
});

test.each<[string, Partial<HostStatus>, string[]]>([
  ['no labels', {}, ['two', 'five']],
  ['a label', { labels: ['gpu'] }, ['five']],
  ['a label, exclusively', { labels: ['gpu'], exclusive: true }, ['five', 'six']],
])('who takes over all from a host with %s takes servers and has as much', (_what, over, ids) => {
  const one = hostOf('one', over);
  const hosts = [
    one,
    hostOf('two'),
    hostOf('three', { state: 'draining' }),
    hostOf('four', full),
    hostOf('five', { labels: ['gpu'] }),
    hostOf('six', { labels: ['gpu'], exclusive: true }),
  ];
  expect(successorsOf(one, hosts).map(({ id }) => id)).toEqual(ids);
});

test.each([
  ['what a machine may lack, after it answered elsewhere', 'a', 'VARIABLE_UNSET', true],
  ['a program that cannot be installed, after it answered elsewhere', 'a', 'INSTALL_FAILED', true],
  ['what a machine lacks that had it', 'b', 'VARIABLE_UNSET', false],
  ['what every machine may lack', undefined, 'VARIABLE_UNSET', false],
  ['what is wrong with the server itself', 'a', 'HANDSHAKE_FAILED', false],
  ['a server that kills its hosts', 'a', 'SERVER_KILLS_HOST', false],
] as const)(
  'because of %s a host gives a server back, or not',
  (_why, answeredOn, code, isBack) => {
    expect(isUnfit('b', answeredOn, code)).toBe(isBack);
  },
);

test('recognises a server that a host hands back as released in order', () => {
  expect(wasReleased(cannotRun('b', 'variable X is not set'))).toBe(true);
});
