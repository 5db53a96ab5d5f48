import { admissionRefusal } from '../../../src/client/calls/call-admission';
import { newEntity } from '../../../src/domain/entity/entity';
import { type ErrorCode } from '../../../src/base/errors';
import { type Isolation, NO_ISOLATION } from '../../../src/domain/isolation/isolation';
import { type ServerSnapshot, snapshotOf } from '../../../src/domain/messages';
import { type StdioSpec } from '../../../src/domain/spec';
import { type ServerState } from '../../../src/domain/states';
import { signedSpec } from '../../domain/samples';

function snapshot(
  state: ServerState,
  isolation: Partial<Isolation> = {},
  over: Partial<StdioSpec> = {},
): ServerSnapshot {
  const entity = newEntity('files', signedSpec(over), 'run', 0);
  return snapshotOf({ ...entity, state, isolation: { ...NO_ISOLATION, ...isolation } });
}

const quarantine = { cause: 'errors' as const, reason: 'it hung', sinceMs: 0, untilMs: 1 };
const open = { state: 'open' as const, failures: 5, successes: 0, openUntilMs: 2 };

test.each<[string, ServerSnapshot, ErrorCode | undefined]>([
  ['runs', snapshot('RUNNING'), undefined],
  ['starts', snapshot('STARTING'), undefined],
  ['is stopped', snapshot('STOPPED'), 'SERVER_NOT_RUNNING'],
  ['gave up', snapshot('ERROR'), 'SERVER_NOT_RUNNING'],
  ['is disabled', snapshot('STOPPED', {}, { enabled: false }), 'SERVER_DISABLED'],
  ['is quarantined', snapshot('QUARANTINED', { quarantine }), 'SERVER_QUARANTINED'],
  ['starts in quarantine', snapshot('STARTING', { quarantine }), 'SERVER_QUARANTINED'],
  ['has an open circuit', snapshot('RUNNING', { breaker: open }), 'CIRCUIT_OPEN'],
  [
    'is stopped, which says more than its circuit',
    snapshot('STOPPED', { breaker: open }),
    'SERVER_NOT_RUNNING',
  ],
  ['sleeps until it is called', snapshot('STOPPED', {}, { activation: 'on-demand' }), undefined],
])('of a server that %s', (_title, known, code) => {
  expect(admissionRefusal(known, 'read', 1)?.code).toBe(code);
});
