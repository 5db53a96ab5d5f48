import { type EntityState, newEntity } from '../../../src/domain/entity/entity';
import { startRequested, stopRequested } from '../../../src/domain/entity/entity-commands';
import { detailsOf } from '../../../src/domain/entity/entity-details';
import { sessionFound } from '../../../src/domain/entity/entity-isolation';
import {
  sessionCancelled,
  sessionExited,
  sessionReady,
  sessionStarted,
} from '../../../src/domain/entity/entity-session';
import { CLOSED } from '../../../src/domain/isolation/isolation';
import { CRASHED, ownerOf, readyOf, restartPolicy, signedSpec } from '../samples';

const NOW = 5_000;
const ANNA = { actor: 'anna' };

const added = (over: Parameters<typeof signedSpec>[0] = {}) =>
  newEntity('files', signedSpec({ restart: restartPolicy(), ...over }), 'run-1', 1_000);
const asked = () => startRequested(added(), ANNA, 2_000);
const running = () => sessionReady(sessionStarted(asked(), 2_001), readyOf(1), 2_100);
const breaker = (entity: EntityState, found: object) =>
  sessionFound(
    entity,
    { ...ownerOf(1), about: 'breaker', breaker: { ...CLOSED, ...found } },
    3_000,
  );

test('shows the state of a server, the reason, and the possible commands', () => {
  expect(detailsOf(running(), NOW).split('\n')).toEqual([
    '**files** has been **RUNNING** since 1970-01-01T00:00:02.100Z: ready',
    expect.stringMatching(/^- health: HEALTHY \(.+\)$/),
    '- circuit breaker: closed',
    '- enabled: yes',
    '- generation: 1, restarts: 0',
    '- host: host-1 (epoch 1)',
    '- server: files 1.0.0, 3 tools',
    '- next: nothing scheduled',
    expect.stringMatching(/^- available commands: .*stop, restart/),
  ]);
});

test.each<[string, EntityState, string]>([
  ['added', added(), '- next: nothing until it is started'],
  ['disabled', added({ enabled: false }), '- enabled: no'],
  ['on-demand', added({ activation: 'on-demand' }), '- next: start on the next call'],
  ['asked to start', asked(), '- next: start generation 1'],
  ['asked to stop', stopRequested(running(), ANNA, 'no', 3_000), '- next: end the session'],
  [
    'stopping',
    sessionCancelled(stopRequested(running(), ANNA, 'no', 3_000)),
    '- next: end the session',
  ],
  [
    'waiting after crashes',
    sessionExited(running(), { generation: 1, kind: 'crash-loop', error: CRASHED }, NOW, 0.5),
    '- next: start generation 2 at 1970-01-01T00:00:',
  ],
  [
    'open',
    breaker(running(), { state: 'open', openUntilMs: 9_000, reason: '5 failures in a row' }),
    '- circuit breaker: open (5 failures in a row) until 1970-01-01T00:00:09.000Z',
  ],
  [
    'opened by hand',
    breaker(running(), { state: 'open', reason: 'anna' }),
    '- circuit breaker: open (anna) until an operator closes it',
  ],
])('tells of one that is %s', (_what, entity, line) => {
  expect(detailsOf(entity, NOW)).toContain(line);
});
