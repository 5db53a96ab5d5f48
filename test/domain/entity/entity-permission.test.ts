import { type EntityState, newEntity } from '../../../src/domain/entity/entity';
import { isNoOp, permission, possibleFor } from '../../../src/domain/entity/entity-permission';
import { NO_ISOLATION } from '../../../src/domain/isolation/isolation';
import { type ServerCommand } from '../../../src/domain/states';
import { signedSpec } from '../samples';

function entity(over: Partial<EntityState> = {}, spec: Parameters<typeof signedSpec>[0] = {}) {
  return { ...newEntity('files', signedSpec(spec), 'run', 0), ...over };
}

const quarantine = { cause: 'operator' as const, reason: 'odd', sinceMs: 0 };
const maintenance = { calls: 'wait' as const, reason: 'disk', sinceMs: 0 };

test.each<[string, EntityState, ServerCommand, string]>([
  [
    'a running server',
    entity({ state: 'RUNNING' }),
    'start',
    'it is RUNNING; available commands: stop, restart, disable, remove, reload, quarantine, maintenance on',
  ],
  [
    'a disabled server',
    entity({}, { enabled: false }),
    'start',
    'it is STOPPED and disabled; available commands: enable, remove, reload',
  ],
  [
    'a stopped server',
    entity(),
    'quarantine',
    'it is STOPPED; available commands: start, restart, disable, remove, reload',
  ],
  ['a server that is removed', entity({ removed: true }), 'stop', 'it is being removed'],
])('%s refuses with what was found and what would be possible', (_name, state, command, reason) => {
  expect(permission(state, command)).toEqual({ allowed: false, reason });
});

test.each<[string, EntityState, ServerCommand, boolean]>([
  ['running', entity({ state: 'RUNNING', desired: 'running' }), 'start', true],
  ['starting', entity({ state: 'STARTING', desired: 'running' }), 'start', true],
  ['being installed', entity({ state: 'INSTALLING', desired: 'running' }), 'start', true],
  ['stopped', entity(), 'stop', true],
  ['stopping', entity({ state: 'STOPPING' }), 'stop', true],
  [
    'on its way to another generation',
    entity({ state: 'STOPPING', desired: 'running' }),
    'stop',
    false,
  ],
  ['asleep, and can be kept from waking up', entity({ wakes: true }), 'stop', false],
  ['stopped and disabled', entity({}, { enabled: false }), 'start', false],
  ['stopped', entity(), 'start', false],
  ['failed', entity({ state: 'ERROR' }), 'stop', false],
  ['quarantined', entity({ state: 'QUARANTINED', desired: 'running' }), 'start', false],
  ['removed', entity({ removed: true }), 'stop', false],
  ['stopped', entity(), 'restart', false],
])('a server that is %s: whether there is nothing to do', (_what, state, command, already) => {
  expect(isNoOp(state, command)).toBe(already);
});

test.each<[string, EntityState, ServerCommand[], ServerCommand[]]>([
  [
    'running',
    entity({ state: 'RUNNING' }),
    ['stop', 'quarantine', 'maintenance on'],
    ['release', 'maintenance off', 'start'],
  ],
  [
    'quarantined',
    entity({ state: 'QUARANTINED', isolation: { ...NO_ISOLATION, quarantine } }),
    ['release', 'maintenance on', 'stop', 'restart'],
    ['quarantine', 'maintenance off'],
  ],
  [
    'in maintenance',
    entity({ state: 'MAINTENANCE', isolation: { ...NO_ISOLATION, maintenance } }),
    ['maintenance off', 'stop', 'start', 'restart'],
    ['maintenance on', 'release'],
  ],
  [
    'stopped in maintenance',
    entity({ isolation: { ...NO_ISOLATION, maintenance } }),
    ['maintenance off', 'start'],
    ['maintenance on', 'stop'],
  ],
  ['asleep', entity({ wakes: true }), ['start', 'stop'], ['quarantine']],
  [
    'stopped',
    entity(),
    ['start'],
    ['stop', 'quarantine', 'maintenance on', 'release', 'maintenance off'],
  ],
])('a server that is %s', (_name, state, possible, impossible) => {
  const found = possibleFor(state);
  expect(found).toEqual(expect.arrayContaining(possible));
  expect(found.filter((command) => impossible.includes(command))).toEqual([]);
});
