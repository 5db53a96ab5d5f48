import {
  type AlertContext,
  alertFor,
  type AlertKind,
  alertKinds,
  concerns,
  contextAfter,
  NO_CONTEXT,
} from '../../../src/domain/alerts/alerts';
import { type ServerEvent } from '../../../src/domain/events';
import { nextRestart, NO_RESTARTS } from '../../../src/domain/entity/restart';
import { DEFAULT_RESTART } from '../../../src/domain/spec';
import { type Health, type ServerState } from '../../../src/domain/states';

const event = (over: Partial<ServerEvent>): ServerEvent => ({
  ...{
    id: 'run/1',
    server: 'files',
    atMs: 7,
    kind: 'note',
    reason: 'because',
    actor: 'mainspring',
  },
  ...over,
});
const moved = (from: ServerState, to: ServerState, reason = 'because') =>
  event({ kind: 'transition', from, to, reason });
const health = (healthFrom: Health, healthTo: Health) =>
  event({ kind: 'health', healthFrom, healthTo });

const well: AlertContext = { state: 'RUNNING', isInTrouble: false };
const ill: AlertContext = { state: 'RUNNING', isInTrouble: true };
const maintained: AlertContext = { state: 'MAINTENANCE', isInTrouble: false };
const quarantined: AlertContext = { state: 'QUARANTINED', isInTrouble: true };

function budgetSpent(): string {
  const restartsAtMs = Array.from({ length: DEFAULT_RESTART.maxRestarts }, (_, index) => index + 1);
  const history = { ...NO_RESTARTS, restartsAtMs, hasBeenReady: true };
  const how = { cleanExit: false, permanent: false, isRemote: false, isAway: false };
  const failure = { atMs: 9, ranForMs: 1, ...how };
  return nextRestart(DEFAULT_RESTART, history, failure, 0).reason;
}

test.each<[what: string, event: ServerEvent, before: AlertContext, kinds: AlertKind[]]>([
  ['a start', moved('STOPPED', 'STARTING'), NO_CONTEXT, ['status_change']],
  ['the same state for another reason', moved('RUNNING', 'RUNNING'), well, []],
  ['a note', event({}), well, []],
  ['an error', moved('STARTING', 'ERROR'), well, ['critical', 'status_change']],
  ['a quarantine', moved('RUNNING', 'QUARANTINED'), well, ['critical', 'status_change']],
  ['a single crash', moved('RUNNING', 'BACKOFF', 'it exited'), well, ['status_change']],
  [
    'a crash loop',
    moved('RUNNING', 'BACKOFF', `it exited (${budgetSpent()})`),
    well,
    ['critical', 'status_change'],
  ],
  ['a crash loop in BACKOFF', moved('BACKOFF', 'BACKOFF', budgetSpent()), well, ['critical']],
  ['no host', event({ reason: 'UNSCHEDULABLE: no host has it' }), well, ['critical']],
  ['bad health', health('DEGRADED', 'UNHEALTHY'), well, ['critical', 'status_change']],
  ['worse health', health('HEALTHY', 'DEGRADED'), well, ['status_change']],
  ['good health again', health('UNHEALTHY', 'HEALTHY'), ill, ['recovery', 'status_change']],
  ['better health', health('UNHEALTHY', 'DEGRADED'), ill, ['status_change']],
  ['good health that was never bad', health('DEGRADED', 'HEALTHY'), well, ['status_change']],
  ['good health below a quarantine', health('DEGRADED', 'HEALTHY'), quarantined, ['status_change']],
  ['running again', moved('STARTING', 'RUNNING'), ill, ['recovery', 'status_change']],
  ['a release', moved('QUARANTINED', 'RUNNING'), quarantined, ['recovery', 'status_change']],
  ['maintenance begins', moved('RUNNING', 'MAINTENANCE'), well, []],
  ['bad health in maintenance', health('HEALTHY', 'UNHEALTHY'), maintained, []],
  ['maintenance ends', moved('MAINTENANCE', 'RUNNING'), maintained, []],
  ['maintenance ends badly', moved('MAINTENANCE', 'ERROR'), maintained, ['critical']],
  [
    'maintenance has mended it',
    moved('MAINTENANCE', 'RUNNING'),
    { state: 'MAINTENANCE', isInTrouble: true },
    ['recovery'],
  ],
])('%s', (_what, happened, before, kinds) => {
  expect(alertKinds(happened, before)).toEqual(kinds);
});

test.each<[what: string, events: ServerEvent[], context: AlertContext]>([
  ['nothing', [], NO_CONTEXT],
  ['a start', [moved('STOPPED', 'STARTING'), moved('STARTING', 'RUNNING')], well],
  [
    'trouble that a stop does not end',
    [moved('STARTING', 'ERROR'), moved('ERROR', 'STOPPED')],
    { state: 'STOPPED', isInTrouble: true },
  ],
  ['trouble that running ends', [moved('STARTING', 'ERROR'), moved('STARTING', 'RUNNING')], well],
  [
    'a quarantine, whatever health does below it',
    [moved('RUNNING', 'QUARANTINED'), health('DEGRADED', 'HEALTHY')],
    quarantined,
  ],
])('the context after %s', (_what, events, context) => {
  expect(contextAfter(events)).toEqual(context);
});

test.each<[patterns: string[], server: string, tags: string[], matches: boolean]>([
  [[], 'files', [], true],
  [['files'], 'files', [], true],
  [['files'], 'files2', [], false],
  [['file*'], 'files2', [], true],
  [['file?'], 'files', [], true],
  [['file?'], 'files2', [], false],
  [['f.les'], 'files', [], false],
  [['tag:work'], 'files', ['work'], true],
  [['tag:work'], 'work', [], false],
])('%j on %s %j: %s', (patterns, server, tags, matches) => {
  expect(concerns(patterns, server, tags)).toBe(matches);
});

it('sends a receiver the most important kind that it accepts, once', () => {
  const failed = moved('STARTING', 'ERROR', 'line 1\n  line 2');
  const kinds = alertKinds(failed, well);
  const both = alertFor({ on: ['status_change', 'critical'], servers: [] }, failed, kinds, [
    'work',
  ]);
  expect(both).toMatchObject({
    ...{ id: 'run/1', kind: 'critical', server: 'files', tags: ['work'], from: 'STARTING' },
    ...{ to: 'ERROR', text: 'critical: files STARTING → ERROR: line 1 / line 2' },
  });
  expect(alertFor({ on: ['recovery'], servers: [] }, failed, kinds, [])).toBeUndefined();
  expect(alertFor({ on: ['critical'], servers: ['other'] }, failed, kinds, [])).toBeUndefined();
});
