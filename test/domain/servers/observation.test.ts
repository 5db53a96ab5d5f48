import { newEntity } from '../../../src/domain/entity/entity';
import { startRequested } from '../../../src/domain/entity/entity-commands';
import { sessionReady, sessionStarted } from '../../../src/domain/entity/entity-session';
import { type ServerSnapshot, snapshotOf } from '../../../src/domain/messages';
import {
  observe,
  type SessionView,
  HEARTBEAT_STALE_MS,
  UNSCHEDULABLE_AFTER_MS,
} from '../../../src/domain/servers/observation';
import { noPlaceOn } from '../../../src/domain/hosts/placement';
import { type SessionHeartbeat } from '../../../src/domain/entity/session';
import { ownerOf, readyOf, signedSpec } from '../samples';

const NOW = 100_000;
const starting = sessionStarted(
  startRequested(newEntity('files', signedSpec(), 'run', 0), { actor: 'anna' }, 1),
  2,
);
const running = snapshotOf(sessionReady(starting, readyOf(1), 3));
const inState = (state: ServerSnapshot['state']): ServerSnapshot => ({ ...running, state });

function heartbeatOf(epoch: number): SessionHeartbeat {
  return { ...ownerOf(1, epoch), pid: 4_000, restarts: 0, inFlight: 0, health: 'HEALTHY' };
}

function owned(silentMs: number, over: Partial<SessionView> = {}): SessionView {
  const lastHeartbeatAtMs = NOW - silentMs;
  return { phase: 'owned', attempt: 1, lastHeartbeatAtMs, heartbeat: heartbeatOf(1), ...over };
}

function queued(waitedMs: number, over: Partial<SessionView> = {}): SessionView {
  return { phase: 'queued', attempt: 1, queuedSinceMs: NOW - waitedMs, ...over };
}

test('without a session the entity is right', () => {
  const { state, reason } = running;
  expect(observe(running, undefined, NOW)).toEqual({ state, reason });
});

describe('an owner', () => {
  test('that heartbeats is alive', () => {
    const { state, reason } = running;
    const seen = observe(running, owned(HEARTBEAT_STALE_MS), NOW);
    expect(seen).toEqual({ state, reason, alive: heartbeatOf(1) });
  });

  test('that has not heartbeat yet is not silent', () => {
    const view = owned(0, { lastHeartbeatAtMs: undefined, heartbeat: undefined });
    expect(observe(running, view, NOW)).toMatchObject({ state: 'RUNNING', alive: undefined });
  });

  test.each(['RUNNING', 'BACKOFF'] as const)('that is silent is RECOVERING, not %s', (state) => {
    const seen = observe(inState(state), owned(HEARTBEAT_STALE_MS + 1), NOW);
    expect(seen.state).toBe('RECOVERING');
    expect(seen.alive).toBeUndefined();
    expect(seen.reason).toMatch(/^no heartbeat from host-1 for \d\.\d s$/);
  });

  test('whose process is gone is RECOVERING although its last heartbeat is recent', () => {
    expect(observe(running, owned(10, { isOwnerGone: true }), NOW)).toEqual({
      state: 'RECOVERING',
      reason: 'the process of host-1 is gone',
    });
    expect(observe(inState('STOPPING'), owned(10, { isOwnerGone: true }), NOW).alive).toBe(
      undefined,
    );
  });

  test.each(['STARTING', 'STOPPING', 'RECOVERING'] as const)(
    'that is silent is not alive in %s either',
    (state) => {
      const seen = observe(inState(state), owned(HEARTBEAT_STALE_MS + 1), NOW);
      expect(seen.state).toBe(state);
      expect(seen.alive).toBeUndefined();
    },
  );

  test('is not taken for the one before it', () => {
    const seen = observe(inState('RECOVERING'), owned(100, { attempt: 2 }), NOW);
    expect(seen.alive).toBeUndefined();
  });
});

describe('a session that no host has', () => {
  test('and that a full host has handed back is as new as before', () => {
    const view = queued(UNSCHEDULABLE_AFTER_MS + 1, { attempt: 2, lastFailure: noPlaceOn('one') });
    const unplaced = 'no host is running';
    expect(observe(inState('STARTING'), { ...view, unplaced }, NOW)).toEqual({
      state: 'STARTING',
      reason: 'UNSCHEDULABLE: no host is running (for 10 s)',
    });
    expect(observe(running, view, NOW).state).toBe('RECOVERING');
  });

  test('is the state of the entity when it is new', () => {
    const { reason } = running;
    expect(observe(inState('STARTING'), queued(10), NOW)).toEqual({ state: 'STARTING', reason });
  });

  test('is RECOVERING when it had one, with the reason of the loss', () => {
    const view = queued(10, { attempt: 2, lastFailure: 'activity Heartbeat timeout' });
    expect(observe(running, view, NOW)).toEqual({
      state: 'RECOVERING',
      reason: 'host lost (activity Heartbeat timeout), waiting for a host',
    });
    expect(observe(running, queued(10, { attempt: 2 }), NOW).reason).toBe(
      'host lost, waiting for a host',
    );
  });

  test('is not reported as lost when its host has released it in order', () => {
    const given = queued(10, { attempt: 2, lastFailure: 'host second is draining' });
    expect(observe(running, given, NOW).reason).toBe('host second is draining, waiting for a host');
  });

  test('is UNSCHEDULABLE when none takes it for long', () => {
    const atLimit = observe(inState('STARTING'), queued(UNSCHEDULABLE_AFTER_MS), NOW);
    expect(atLimit.reason).not.toContain('UNSCHEDULABLE');
    const beyond = observe(inState('STARTING'), queued(UNSCHEDULABLE_AFTER_MS + 1_000), NOW);
    expect(beyond).toEqual({
      state: 'STARTING',
      reason: 'UNSCHEDULABLE: no host has accepted it for 11 s',
    });
  });

  test('is UNSCHEDULABLE and RECOVERING when none takes it over', () => {
    const view = queued(UNSCHEDULABLE_AFTER_MS + 5_000, { attempt: 3 });
    expect(observe(running, view, NOW)).toEqual({
      state: 'RECOVERING',
      reason: 'UNSCHEDULABLE: no host has accepted it for 15 s; host lost',
    });
  });

  test('stays STOPPING while it is stopped', () => {
    const view = queued(UNSCHEDULABLE_AFTER_MS + 1, { attempt: 2 });
    expect(observe(inState('STOPPING'), view, NOW).state).toBe('STOPPING');
  });

  test('never shows a process', () => {
    for (const state of ['STARTING', 'RUNNING', 'BACKOFF', 'RECOVERING', 'STOPPING'] as const) {
      const view = queued(10, { attempt: 2, heartbeat: heartbeatOf(1) });
      expect(observe(inState(state), view, NOW).alive).toBeUndefined();
    }
  });
});
