import { type EntityState, newEntity } from '../../../src/domain/entity/entity';
import {
  childReplaceRequested,
  removeRequested,
  replaceRequested,
  specLoaded,
  startRequested,
  stopRequested,
} from '../../../src/domain/entity/entity-commands';
import {
  isOutboxFull,
  noted,
  withRoomInOutbox,
  MAX_WAITING_EVENTS,
  RECENT_TRANSITIONS,
} from '../../../src/domain/entity/entity-events';
import {
  sessionBackoff,
  sessionCancelled,
  sessionExited,
  sessionHealth,
  sessionMoved,
  sessionReady,
  sessionStarted,
} from '../../../src/domain/entity/entity-session';
import { nextStep } from '../../../src/domain/entity/entity-step';
import { type SessionExited } from '../../../src/domain/entity/session';
import { CRASHED, ownerOf, readyOf, restartPolicy, signedSpec } from '../samples';
import { MAX_CRASH_LOOPS } from '../../../src/domain/entity/restart';

const NOW = 5_000;
const HALF = 0.5;
const ANNA = { actor: 'anna', correlationId: 'c-1' };

const added = (): EntityState =>
  newEntity('files', signedSpec({ restart: restartPolicy() }), 'run-1', 1_000);
const asked = () => startRequested(added(), ANNA, 2_000);
const starting = () => sessionStarted(asked(), 2_001);
const running = () => sessionReady(starting(), readyOf(1), 2_100);
const stopping = () => sessionCancelled(stopRequested(running(), ANNA, 'stop requested', 3_000));
const backoff = (generation = 1, epoch = 1) => ({
  ...ownerOf(generation, epoch),
  restarts: 1,
  error: CRASHED,
  delayMs: 200,
});
const exited = (entity: EntityState, exit: SessionExited, atMs = NOW) =>
  sessionExited(entity, exit, atMs, HALF);
const lastEvent = (entity: EntityState) => entity.outbox.at(-1);

describe('a new entity', () => {
  test('is stopped, and waits', () => {
    expect(added()).toMatchObject({ state: 'STOPPED', desired: 'stopped', generation: 0 });
    expect(nextStep(added(), NOW)).toEqual({ do: 'wait' });
  });

  test('has no events', () => {
    expect(added().outbox).toEqual([]);
  });
});

describe('start', () => {
  test('leads to a session', () => {
    expect(asked()).toMatchObject({ state: 'STARTING', desired: 'running' });
    expect(nextStep(asked(), NOW)).toEqual({ do: 'start-session' });
  });

  test('is recorded with its actor', () => {
    expect(lastEvent(asked())).toEqual({
      id: 'run-1/0',
      server: 'files',
      kind: 'transition',
      from: 'STOPPED',
      to: 'STARTING',
      reason: 'start requested',
      atMs: 2_000,
      actor: 'anna',
      correlationId: 'c-1',
      generation: 0,
    });
  });

  test('while stopping waits for the old session and then starts the next', () => {
    const wanted = startRequested(stopping(), ANNA, NOW);
    expect(wanted.state).toBe('STOPPING');
    expect(nextStep(wanted, NOW)).toEqual({ do: 'wait' });
    const after = exited(wanted, { generation: 1, kind: 'stopped' });
    expect(after).toMatchObject({ state: 'STARTING', reason: 'previous session ended' });
    expect(nextStep(after, NOW)).toEqual({ do: 'start-session' });
  });

  test('after an error forgets the crash loops and the waiting time', () => {
    const failed = { ...exited(starting(), { generation: 1, kind: 'failed', error: CRASHED }) };
    const again = startRequested({ ...failed, crashLoops: 2, retryAtMs: NOW + 9_000 }, ANNA, NOW);
    expect(again).toMatchObject({ crashLoops: 0, retryAtMs: 0 });
    expect(nextStep(again, NOW)).toEqual({ do: 'start-session' });
  });
});

describe('a session', () => {
  test('is a generation of its own', () => {
    expect(starting()).toMatchObject({
      state: 'STARTING',
      generation: 1,
      session: { generation: 1, cancelled: false },
    });
    expect(nextStep(starting(), NOW)).toEqual({ do: 'wait' });
  });

  test('that is ready makes the server run', () => {
    expect(running()).toMatchObject({
      state: 'RUNNING',
      health: 'HEALTHY',
      ready: { pid: 4_001, atMs: 2_100 },
      owner: { host: 'host-1' },
    });
  });

  test('that is ready again reports only changes', () => {
    const again = sessionReady(running(), readyOf(1), NOW);
    expect(again.outbox).toHaveLength(running().outbox.length);
    const changed = sessionReady(running(), readyOf(1, { reason: 'tools changed' }), NOW);
    expect(lastEvent(changed)).toMatchObject({ to: 'RUNNING', reason: 'tools changed' });
    expect(changed.sinceMs).toBe(running().sinceMs);
  });

  test('backs off, with the reason and the delay', () => {
    const down = sessionBackoff(running(), backoff(), NOW);
    expect(down).toMatchObject({
      state: 'BACKOFF',
      reason: 'it exited with code 7; restarting in 200 ms',
      health: 'UNKNOWN',
      error: CRASHED,
      restarts: 1,
    });
    expect(down.ready).toBeUndefined();
    expect(nextStep(down, NOW)).toEqual({ do: 'wait' });
    const atOnce = sessionBackoff(running(), { ...backoff(), delayMs: 0 }, NOW);
    expect(atOnce.reason).toBe('it exited with code 7; restarting immediately');
  });

  test('that crashes has no user as its actor', () => {
    const up = sessionReady(sessionBackoff(running(), backoff(), NOW), readyOf(1), NOW + 1);
    expect(up.outbox.map(({ to, actor }) => [to, actor])).toEqual([
      ['STARTING', 'anna'],
      ['STARTING', 'anna'],
      ['RUNNING', 'anna'],
      ['BACKOFF', 'mainspring'],
      ['RUNNING', 'mainspring'],
    ]);
  });

  test('recovers from a backoff without an error left over', () => {
    const up = sessionReady(sessionBackoff(running(), backoff(), NOW), readyOf(1), NOW + 1);
    expect(up).toMatchObject({ state: 'RUNNING', error: undefined });
  });

  test('changes hands, and the new owner counts', () => {
    const reason = 'host host-2 takes over';
    const moved = sessionMoved(running(), { ...ownerOf(1, 2), phase: 'taken', reason }, NOW);
    expect(moved).toMatchObject({ state: 'RECOVERING', reason, owner: { epoch: 2 } });
    expect(moved.ready).toBeUndefined();
    expect(sessionReady(moved, readyOf(1, { epoch: 2 }), NOW)).toMatchObject({ state: 'RUNNING' });
  });

  test('reports its health once per change', () => {
    const sick = { ...ownerOf(1), health: 'UNHEALTHY' as const, reason: 'ping failed' };
    const seen = sessionHealth(running(), sick, NOW);
    expect(seen).toMatchObject({ state: 'RUNNING', health: 'UNHEALTHY' });
    expect(lastEvent(seen)).toMatchObject({
      kind: 'health',
      healthTo: 'UNHEALTHY',
      reason: 'ping failed',
    });
    expect(sessionHealth(seen, sick, NOW)).toBe(seen);
  });
});

describe('a message of a stale owner is dropped', () => {
  const recent = sessionReady(running(), readyOf(1, { epoch: 3 }), NOW);
  const reason = 'from the past';

  test.each([
    ['another generation', 0, 9],
    ['a generation to come', 2, 1],
    ['an older epoch', 1, 2],
  ])('of %s', (_which, generation, epoch) => {
    const owner = ownerOf(generation, epoch);
    expect(sessionReady(recent, readyOf(generation, { epoch }), NOW)).toBe(recent);
    expect(sessionBackoff(recent, backoff(generation, epoch), NOW)).toBe(recent);
    expect(sessionMoved(recent, { ...owner, phase: 'taken', reason }, NOW)).toBe(recent);
    expect(sessionHealth(recent, { ...owner, health: 'UNHEALTHY', reason }, NOW)).toBe(recent);
  });

  test('also when the session is over', () => {
    const stopped = exited(stopping(), { generation: 1, kind: 'stopped' });
    expect(sessionReady(stopped, readyOf(1), NOW)).toBe(stopped);
    expect(exited(stopped, { generation: 1, kind: 'failed' })).toBe(stopped);
  });

  test('and the exit of another generation ends nothing', () => {
    const entity = running();
    expect(exited(entity, { generation: 0, kind: 'failed' })).toBe(entity);
    expect(exited(entity, { generation: 2, kind: 'failed' })).toBe(entity);
  });
});

describe('stop', () => {
  test('of a running server cancels its session once', () => {
    const wanted = stopRequested(running(), ANNA, 'stop requested', NOW);
    expect(wanted).toMatchObject({ state: 'STOPPING', desired: 'stopped' });
    expect(nextStep(wanted, NOW)).toEqual({ do: 'cancel-session' });
    expect(nextStep(sessionCancelled(wanted), NOW)).toEqual({ do: 'wait' });
  });

  test('while starting cancels the session, which cannot make it run any more', () => {
    const wanted = sessionCancelled(stopRequested(starting(), ANNA, 'stop requested', NOW));
    expect(sessionReady(wanted, readyOf(1), NOW).state).toBe('STOPPING');
    expect(sessionBackoff(wanted, backoff(), NOW)).toBe(wanted);
    const reason = 'host-2 takes over';
    expect(sessionMoved(wanted, { ...ownerOf(1, 2), phase: 'taken', reason }, NOW)).toBe(wanted);
    const stopped = exited(wanted, { generation: 1, kind: 'stopped' });
    expect(stopped).toMatchObject({ state: 'STOPPED', session: undefined });
    expect(nextStep(stopped, NOW)).toEqual({ do: 'wait' });
  });

  test('before the session exists ends immediately', () => {
    expect(stopRequested(asked(), ANNA, 'stop requested', NOW).state).toBe('STOPPED');
  });

  test('while it waits for the next generation ends immediately', () => {
    const looping = exited(running(), { generation: 1, kind: 'crash-loop', error: CRASHED });
    const stopped = stopRequested(looping, ANNA, 'stop requested', NOW);
    expect(stopped).toMatchObject({ state: 'STOPPED', retryAtMs: 0, error: undefined });
    expect(nextStep(stopped, NOW)).toEqual({ do: 'wait' });
  });

  test('counts crash loops anew after a session that was well for a while', () => {
    const { windowMs, stableAfterMs } = running().signed.spec.restart;
    const worn = { ...running(), crashLoops: MAX_CRASH_LOOPS - 1 };
    const loop = { generation: 1, kind: 'crash-loop', error: CRASHED } as const;
    const later = NOW + windowMs + stableAfterMs + 60_000;
    expect(sessionExited(worn, loop, later, 0.5)).toMatchObject({
      state: 'BACKOFF',
      crashLoops: 1,
    });
    expect(sessionExited(worn, loop, NOW + 1, 0.5)).toMatchObject({ state: 'ERROR' });
  });

  test.each(['stopped', 'failed', 'crash-loop', 'completed', 'gone'] as const)(
    'ends in STOPPED also when the session ends as %s meanwhile',
    (kind) => {
      expect(exited(stopping(), { generation: 1, kind, error: CRASHED }).state).toBe('STOPPED');
    },
  );

  test('takes the server out of ERROR', () => {
    const failed = exited(starting(), { generation: 1, kind: 'failed', error: CRASHED });
    expect(stopRequested(failed, ANNA, 'stop requested', NOW)).toMatchObject({
      state: 'STOPPED',
      error: undefined,
    });
  });
});

describe('a new generation', () => {
  test('follows when the old session has ended', () => {
    const wanted = replaceRequested(running(), ANNA, 'spec changed', NOW);
    expect(wanted).toMatchObject({ state: 'STOPPING', desired: 'running' });
    expect(nextStep(wanted, NOW)).toEqual({ do: 'cancel-session' });
    const after = exited(sessionCancelled(wanted), { generation: 1, kind: 'stopped' });
    expect(nextStep(after, NOW)).toEqual({ do: 'start-session' });
    expect(sessionStarted(after, NOW).generation).toBe(2);
  });

  test('follows also when a restart is requested while it stops', () => {
    const wanted = replaceRequested(stopping(), ANNA, 'restart requested', NOW);
    expect(wanted).toMatchObject({ state: 'STOPPING', desired: 'running' });
    expect(exited(wanted, { generation: 1, kind: 'stopped' }).state).toBe('STARTING');
  });

  test('starts immediately when there is no session', () => {
    const wanted = replaceRequested(added(), ANNA, 'restart requested', NOW);
    expect(nextStep(wanted, NOW)).toEqual({ do: 'start-session' });
  });
});

test('a child that is replaced keeps its session', () => {
  const replacing = childReplaceRequested(running(), ANNA, 'restart requested', NOW);
  expect(replacing).toMatchObject({ state: 'STARTING', generation: 1 });
  expect(nextStep(replacing, NOW)).toEqual({ do: 'wait' });
  expect(sessionReady(replacing, readyOf(1), NOW).state).toBe('RUNNING');
});

describe('the end of a session that should go on', () => {
  test('in a crash loop leads to the next generation after a delay', () => {
    const looping = exited(running(), { generation: 1, kind: 'crash-loop', error: CRASHED });
    expect(looping).toMatchObject({ state: 'BACKOFF', crashLoops: 1, retryAtMs: NOW + 1_600 });
    expect(nextStep(looping, NOW)).toEqual({ do: 'wait', untilMs: NOW + 1_600 });
    expect(nextStep(looping, NOW + 1_600)).toEqual({ do: 'start-session' });
  });

  test('in crash loop after crash loop gives up', () => {
    let entity = starting();
    for (let loop = 1; loop <= MAX_CRASH_LOOPS; loop++) {
      entity = exited(entity, { generation: loop, kind: 'crash-loop', error: CRASHED });
      if (loop < MAX_CRASH_LOOPS) entity = sessionStarted(entity, entity.retryAtMs);
    }
    expect(entity).toMatchObject({
      state: 'ERROR',
      desired: 'stopped',
      error: { code: 'SERVER_CRASH_LOOP' },
    });
    expect(nextStep(entity, NOW)).toEqual({ do: 'wait' });
  });

  test('in a failure gives up with its error', () => {
    const failed = exited(starting(), { generation: 1, kind: 'failed', error: CRASHED });
    expect(failed).toMatchObject({ state: 'ERROR', error: CRASHED, reason: CRASHED.message });
  });

  test('by itself stops the server when its policy says so', () => {
    const done = exited(running(), { generation: 1, kind: 'completed', error: CRASHED });
    expect(done).toMatchObject({ state: 'STOPPED', desired: 'stopped' });
    expect(lastEvent(done)).toMatchObject({ actor: 'mainspring' });
  });

  test.each(['gone', 'stopped'] as const)('from outside (%s) starts it anew', (kind) => {
    const ended = exited(running(), { generation: 1, kind });
    expect(ended).toMatchObject({ state: 'BACKOFF', reason: 'session was terminated externally' });
    expect(nextStep(ended, NOW)).toEqual({ do: 'start-session' });
  });
});

describe('remove', () => {
  test('of a stopped server finishes immediately', () => {
    expect(nextStep(removeRequested(added(), ANNA, NOW), NOW)).toEqual({ do: 'finish' });
  });

  test('of a running server ends its session first', () => {
    const wanted = removeRequested(running(), ANNA, NOW);
    expect(nextStep(wanted, NOW)).toEqual({ do: 'cancel-session' });
    const after = exited(sessionCancelled(wanted), { generation: 1, kind: 'stopped' });
    expect(nextStep(after, NOW)).toEqual({ do: 'finish' });
  });
});

test('a loaded spec changes nothing else', () => {
  const signed = signedSpec({ tags: ['new'] });
  expect(specLoaded(running(), signed)).toEqual({ ...running(), signed });
});

describe('events', () => {
  test('have ids that are unique and count on', () => {
    const entity = stopping();
    expect(entity.outbox.map(({ id }) => id)).toEqual(
      entity.outbox.map((_event, index) => `run-1/${index}`),
    );
    const written = { ...entity, outbox: [] };
    expect(lastEvent(noted(written, ANNA, 'noted', NOW))?.id).toBe(`run-1/${entity.eventCount}`);
  });

  test('that are recent are kept, and no more', () => {
    let entity = added();
    for (let count = 0; count < RECENT_TRANSITIONS + 5; count++) {
      entity = noted(entity, ANNA, `note ${count}`, count);
    }
    expect(entity.transitions).toHaveLength(RECENT_TRANSITIONS);
    expect(entity.transitions.at(-1)?.reason).toBe(`note ${RECENT_TRANSITIONS + 4}`);
    expect(entity.outbox).toHaveLength(RECENT_TRANSITIONS + 5);
  });
});

test('a transition that the table forbids is refused loudly', () => {
  const impossible = { ...added(), session: { generation: 1, cancelled: false, startedAtMs: NOW } };
  expect(() => sessionReady(impossible, readyOf(1), NOW)).toThrow(
    'no transition from STOPPED to RUNNING (ready)',
  );
});

test('an entity keeps a limited number of events that the store does not take, the newest ones', () => {
  let entity = added();
  while (!isOutboxFull(entity)) entity = noted(entity, ANNA, `event ${entity.eventCount}`, NOW);
  expect(entity.outbox).toHaveLength(MAX_WAITING_EVENTS + 1);
  const kept = withRoomInOutbox(entity, NOW);
  expect(isOutboxFull(kept)).toBe(false);
  expect(kept.outbox.slice(0, -1)).toEqual(entity.outbox.slice(-MAX_WAITING_EVENTS / 2));
  expect(kept.outbox.at(-1)?.reason).toMatch(/^501 events before this one were lost/);
});
