import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { readWorkflow } from '../../src/client/read-workflow';
import { type ServerSnapshot } from '../../src/domain/messages';
import { REPLACE_REFUSED, type SessionReady } from '../../src/domain/entity/session';
import { DEFAULT_TIMEOUTS } from '../../src/domain/spec';
import {
  sessionExitedSignal,
  sessionHealthSignal,
  sessionReadySignal,
} from '../../workflows/messages';
import { CRASHED, ownerOf, readyOf, restartPolicy, signedSpec, stdioSpec } from '../domain/samples';
import { eventually, TestInstance, type TestServer } from './instance';
import { MAX_CRASH_LOOPS } from '../../src/domain/entity/restart';

let instance: TestInstance;

beforeAll(async () => {
  instance = await TestInstance.start();
}, 20 * 60_000);
afterEach(() => instance.clear());
afterAll(() => instance.close());

/** The failure of an update, as a client sees it. */
async function refusalOf(update: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await update.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
    return error.cause;
  }
  throw new Error('it was not refused', { cause: error });
}

async function runningServer(...[name, over]: Parameters<TestInstance['add']>) {
  const server = await instance.add(name, over);
  await server.command('start');
  return server;
}

const otherArgs = { process: { ...stdioSpec().process, args: ['--new'] } };

/** What the inventory has of the server now, with something changed. */
function edit(server: TestServer, over: Parameters<typeof signedSpec>[0]): void {
  const { spec } = server.signed;
  if (spec.type !== 'stdio') throw new TypeError('only stdio servers are edited here');
  instance.control.put(server.name, signedSpec({ ...spec, ...over }));
}

/** The states that a server went through, as the store heard of them. */
const statesOf = (server: TestServer) =>
  instance.control.eventsOf(server.name).map(({ to, reason }) => to ?? reason);

describe('start', () => {
  test('makes a server run once its session is ready', async () => {
    const server = await instance.add('start');
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    instance.host.behave('start', async (session) => {
      await answered;
      await session.ready();
    });
    const started = server.command('start');
    await server.until(({ state }) => state === 'STARTING');
    answer();
    expect(await started).toMatchObject({
      state: 'RUNNING',
      generation: 1,
      hasSession: true,
      owner: { host: 'host-1' },
      ready: { pid: 4_001 },
    });
  });

  test('answers at once when nobody waits', async () => {
    const server = await instance.add('start-no-wait');
    instance.host.behave('start-no-wait', () => undefined);
    expect(await server.command('start', { wait: false })).toMatchObject({ state: 'STARTING' });
  });

  test('that fails ends in ERROR with the code of the error', async () => {
    const server = await instance.add('start-fails');
    instance.host.behave('start-fails', (session) => session.exit('failed'));
    expect(await server.command('start')).toMatchObject({
      state: 'ERROR',
      desired: 'stopped',
      error: CRASHED,
      hasSession: false,
    });
    expect(await server.session(1).result()).toBe('failed');
  });

  test('goes on from ERROR', async () => {
    const server = await instance.add('start-again');
    instance.host.behave('start-again', (session) =>
      session.generation === 1 ? session.exit('failed') : session.ready(),
    );
    await server.command('start');
    expect(await server.command('start')).toMatchObject({
      state: 'RUNNING',
      generation: 2,
    });
  });

  test('while it stops leads to the next generation', async () => {
    const server = await runningServer('start-while-stopping');
    let end: () => void = () => undefined;
    const [session] = instance.host.of(server.name);
    if (session) session.ending = new Promise((resolve) => (end = resolve));
    expect(await server.command('stop', { wait: false })).toMatchObject({ state: 'STOPPING' });
    const started = server.command('start');
    await server.until(({ desired }) => desired === 'running');
    end();
    expect(await started).toMatchObject({ state: 'RUNNING', generation: 2 });
  });
});

test('a read answers what the query does, and leaves nothing in the history', async () => {
  const server = await runningServer('read');
  const isSnapshot = (value: unknown): value is ServerSnapshot =>
    typeof value === 'object' && value !== null && 'state' in value;
  const read = () => readWorkflow(server.current(), isSnapshot);
  const answers = await Promise.all(Array.from({ length: 20 }, read));
  expect(answers).toEqual(answers.map(() => answers[0]));
  expect(answers[0]).toEqual(await server.snapshot());
  const { events } = await server.current().fetchHistory();
  const updates = events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
  expect(updates).toHaveLength(1); // the start
});

describe('a command for what is so already', () => {
  test('to start a running server changes nothing', async () => {
    const server = await runningServer('already-running');
    const before = await server.snapshot();
    expect(await server.command('start')).toEqual({ ...before, already: true });
  });

  test('to start one that starts waits for it', async () => {
    const server = await instance.add('already-starting');
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    instance.host.behave(server.name, async (session) => {
      await answered;
      await session.ready();
    });
    const first = server.command('start');
    await server.until(({ state }) => state === 'STARTING');
    const second = server.command('start');
    answer();
    expect((await first).already).toBeUndefined();
    expect(await second).toMatchObject({ state: 'RUNNING', generation: 1, already: true });
  });

  test('to stop a stopped server changes nothing', async () => {
    const server = await instance.add('already-stopped');
    const before = await server.snapshot();
    expect(await server.command('stop')).toEqual({ ...before, already: true });
  });
});

describe('a refused command', () => {
  test('says what was found and what is possible', async () => {
    const server = await runningServer('refused');
    instance.control.put(server.name, signedSpec({ name: server.name, enabled: false }));
    await server.command('reload');
    expect(await refusalOf(server.command('start'))).toMatchObject({
      type: 'SERVER_DISABLED',
      message:
        'Cannot start "refused": it is STOPPED and disabled; available commands: enable, remove, reload.',
    });
  });

  test.each(['start', 'restart'] as const)('to %s a disabled server', async (command) => {
    const server = await instance.add(`refused-disabled-${command}`, { enabled: false });
    expect(await refusalOf(server.command(command))).toMatchObject({ type: 'SERVER_DISABLED' });
    expect(await server.snapshot()).toMatchObject({
      state: 'STOPPED',
      possible: expect.arrayContaining(['enable']) as string[],
    });
  });

  test('sent as a signal is noted and changes nothing', async () => {
    const server = await runningServer('refused-signal');
    await server.signal('start');
    const events = await eventually(
      () => instance.control.eventsOf(server.name),
      (seen) => seen.some(({ kind }) => kind === 'note'),
    );
    expect(events.at(-1)).toMatchObject({
      kind: 'note',
      actor: 'temporal-signal',
      reason: expect.stringMatching(
        /^start was ignored: it is RUNNING; available commands: /,
      ) as string,
    });
    expect(await server.snapshot()).toMatchObject({ state: 'RUNNING', generation: 1 });
  });
});

describe('stop', () => {
  test('cancels the session, settles, and ends the queued calls once', async () => {
    const server = await runningServer('stop');
    expect(await server.command('stop')).toMatchObject({
      state: 'STOPPED',
      reason: 'stopped',
      hasSession: false,
    });
    expect(await server.session(1).result()).toBe('stopped');
    const ended = instance.control.endedCalls.filter(({ name }) => name === 'stop');
    expect(ended).toEqual([
      { name: 'stop', reason: 'stop requested', beforeMs: expect.any(Number) as number },
    ]);
  });

  test('while starting leaves no session', async () => {
    const server = await instance.add('stop-while-starting');
    instance.host.behave(server.name, () => undefined);
    await server.command('start', { wait: false });
    await eventually(
      () => instance.host.of(server.name).length,
      (count) => count === 1,
    );
    expect(await server.command('stop')).toMatchObject({ state: 'STOPPED', hasSession: false });
    expect(await server.session(1).result()).toBe('stopped');
  });

  test('of a session that ended by itself meanwhile settles as well', async () => {
    const server = await runningServer('stop-gone');
    await server.session(1).terminate('from outside');
    expect(await server.command('stop')).toMatchObject({ state: 'STOPPED', hasSession: false });
  });
});

describe('a crash', () => {
  test('that the session handles is BACKOFF and RUNNING of the same generation', async () => {
    const server = await runningServer('crash');
    const [session] = instance.host.of(server.name);
    await session?.backoff(100);
    expect(await server.snapshot()).toMatchObject({
      state: 'BACKOFF',
      reason: 'it exited with code 7; restarting in 100 ms',
      error: CRASHED,
    });
    await session?.ready({ restarts: 1, reason: 'ready again' });
    expect(await server.snapshot()).toMatchObject({ state: 'RUNNING', generation: 1, restarts: 1 });
  });

  test('loop leads to BACKOFF and a new generation', async () => {
    const server = await instance.add('crash-loop');
    instance.host.behave(server.name, (session) =>
      session.generation === 1 ? session.exit('crash-loop') : session.ready(),
    );
    expect(await server.command('start')).toMatchObject({ state: 'RUNNING', generation: 2 });
    await eventually(
      () => statesOf(server),
      (states) => states.join() === 'STARTING,STARTING,BACKOFF,STARTING,RUNNING',
    );
  });

  test('loop after crash loop ends in ERROR', async () => {
    const server = await instance.add('crash-loops');
    instance.host.behave(server.name, (session) => session.exit('crash-loop'));
    expect(await server.command('start')).toMatchObject({
      state: 'ERROR',
      generation: MAX_CRASH_LOOPS,
      error: { code: 'SERVER_CRASH_LOOP' },
      hasSession: false,
    });
  });

  test('that is none stops a server whose policy says so', async () => {
    const server = await runningServer('completed');
    instance.host.of(server.name)[0]?.exit('completed');
    expect(await server.until(({ state }) => state === 'STOPPED')).toMatchObject({
      reason: CRASHED.message,
      desired: 'stopped',
    });
  });
});

describe('a lost host', () => {
  test('hands the session to another one, with the same generation and the next epoch', async () => {
    const server = await instance.add('moved');
    instance.host.behave(server.name, async (session) => {
      if (session.epoch > 1) await session.moved('taken', 'host host-2 takes over');
      await session.ready();
    });
    await server.command('start');
    const [session] = instance.host.of(server.name);
    await session?.moved('moving', 'host host-1 is draining');
    session?.drain();
    expect(await server.until(({ owner }) => owner?.epoch === 2)).toBeDefined();
    expect(await server.until(({ state }) => state === 'RUNNING')).toMatchObject({
      generation: 1,
      owner: { host: 'host-2', epoch: 2 },
    });
    expect(statesOf(server)).toContain('RECOVERING');
  });

  test('is not heard any more', async () => {
    const server = await runningServer('stale');
    await server.entity.signal(sessionReadySignal, readyOf(1, { epoch: 3, reason: 'epoch 3' }));
    const before = await server.snapshot();
    await server.entity.signal(sessionReadySignal, readyOf(1, { epoch: 2, reason: 'too late' }));
    await server.entity.signal(sessionReadySignal, readyOf(7, { reason: 'from nowhere' }));
    await server.entity.signal(sessionExitedSignal, { generation: 0, kind: 'failed' });
    expect(await server.snapshot()).toEqual(before);
    expect(before).toMatchObject({ state: 'RUNNING', reason: 'epoch 3', owner: { epoch: 3 } });
  });
});

describe('a session that is ended from outside', () => {
  test('is followed by the next generation when its host notices', async () => {
    const server = await runningServer('gone');
    await server.session(1).terminate('from outside');
    await server.entity.signal(sessionExitedSignal, { generation: 1, kind: 'gone' });
    expect(await server.until(({ generation }) => generation === 2)).toBeDefined();
    expect(await server.until(({ state }) => state === 'RUNNING')).toBeDefined();
  });

  test('by a cancel is followed by the next generation', async () => {
    const server = await runningServer('cancelled');
    await server.session(1).cancel();
    expect(await server.until(({ generation }) => generation === 2)).toBeDefined();
  });

  test('unnoticed is followed by the next generation on restart', async () => {
    const server = await instance.add('gone-unnoticed');
    instance.host.behave(server.name, (session) =>
      session.generation === 1 ? undefined : session.ready(),
    );
    await server.command('start', { wait: false });
    await eventually(
      () => instance.host.of(server.name).length,
      (count) => count === 1,
    );
    await server.session(1).terminate('from outside');
    expect(await server.command('restart')).toMatchObject({ state: 'RUNNING', generation: 2 });
  });

  test('while it stops does not keep the server from being removed', async () => {
    const server = await runningServer('gone-while-stopping');
    const [session] = instance.host.of(server.name);
    let end: () => void = () => undefined;
    if (session) session.ending = new Promise((resolve) => (end = resolve));
    await server.command('stop', { wait: false });
    await eventually(
      async () => (await server.session(1).fetchHistory()).events ?? [],
      (events) => events.some((event) => event.workflowExecutionCancelRequestedEventAttributes),
    );
    await server.session(1).terminate('from outside');
    await server.command('remove', { wait: false });
    await expect(server.entity.result()).resolves.toBeUndefined();
    end();
  });

  test('together with its entity does not keep a new entity from starting', async () => {
    const first = await runningServer('orphaned');
    await first.entity.terminate('from outside');
    const second = await instance.add('orphaned');
    expect(await second.command('start')).toMatchObject({ state: 'RUNNING', generation: 2 });
    const living = instance.host.of('orphaned').length;
    expect(living).toBe(2);
    expect(await second.session(1).result()).toBe('stopped');
  });
});

describe('restart', () => {
  test('happens under the living session', async () => {
    const server = await runningServer('restart');
    const asked: unknown[] = [];
    await instance.own(server.name, {
      replaceChild: async (input): Promise<SessionReady> => {
        asked.push(input);
        return readyOf(1, { pid: 5_000, reason: input.reason });
      },
    });
    expect(await server.command('restart')).toMatchObject({
      state: 'RUNNING',
      generation: 1,
      ready: { pid: 5_000 },
      reason: 'restart requested',
    });
    expect(asked).toEqual([{ generation: 1, signed: server.signed, reason: 'restart requested' }]);
  });

  test('of a server that does not run makes a new generation', async () => {
    const server = await instance.add('restart-stopped');
    expect(await server.command('restart')).toMatchObject({ state: 'RUNNING', generation: 1 });
    await instance.host.of(server.name)[0]?.backoff(60_000);
    expect(await server.command('restart')).toMatchObject({ state: 'RUNNING', generation: 2 });
  });

  test('makes a new generation when the owner does not answer', async () => {
    const server = await runningServer('restart-unanswered');
    expect(await server.command('restart')).toMatchObject({ state: 'RUNNING', generation: 2 });
  }, 60_000);

  test('that is stopped meanwhile ends stopped', async () => {
    const server = await runningServer('restart-stopped-meanwhile');
    const refused = ApplicationFailure.nonRetryable('it was stopped', 'SERVER_NOT_RUNNING');
    let begun: () => void = () => undefined;
    let stopped: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const isStopped = new Promise<void>((resolve) => (stopped = resolve));
    await instance.own(server.name, {
      replaceChild: async () => {
        begun();
        await isStopped;
        throw refused;
      },
    });
    const restarted = refusalOf(server.command('restart'));
    await hasBegun;
    expect(await server.command('stop')).toMatchObject({ state: 'STOPPED' });
    stopped();
    expect(await restarted).toMatchObject({ type: 'SERVER_NOT_RUNNING' });
    expect(await server.snapshot()).toMatchObject({ state: 'STOPPED', generation: 1 });
  });
});

describe('reload', () => {
  test('leaves an unchanged server alone', async () => {
    const server = await runningServer('reload-unchanged');
    const before = await server.snapshot();
    expect(await server.command('reload')).toEqual(before);
  });

  test('replaces the child of an unchanged spec when what it refers to has other values', async () => {
    const server = await runningServer('reload-values', {
      process: { command: 'node', args: [], env: { KEY: '${KEY}' }, cwd: '/' },
    });
    let hasChanged = false;
    const asked: string[] = [];
    await instance.own(server.name, {
      haveValuesChanged: async () => hasChanged,
      replaceChild: async ({ reason }) => {
        asked.push(reason);
        return readyOf(1, { reason, pid: 4_243 });
      },
    });
    const before = await server.snapshot();
    expect(await server.command('reload')).toEqual(before);
    hasChanged = true;
    expect(await server.command('reload')).toMatchObject({ state: 'RUNNING', generation: 1 });
    expect(asked).toEqual(['values that its spec refers to have changed']);
  });

  test('takes new tags over while the server runs', async () => {
    const server = await runningServer('reload-tags', { tags: ['old'] });
    edit(server, { tags: ['new'] });
    expect(await server.command('reload')).toMatchObject({
      state: 'RUNNING',
      generation: 1,
      signed: { spec: { tags: ['new'] } },
    });
    await eventually(
      async () => (await server.entity.describe()).searchAttributes.McpTags,
      (tags) => JSON.stringify(tags) === '["new"]',
    );
  });

  test('puts a changed program in the place of the old one', async () => {
    const server = await runningServer('reload-program');
    await instance.own(server.name, {
      replaceChild: async ({ signed, reason }) => {
        const { spec } = signed;
        const args = spec.type === 'stdio' ? spec.process.args.join() : '';
        return readyOf(1, { reason: `${reason}: ${args}` });
      },
    });
    edit(server, otherArgs);
    expect(await server.command('reload')).toMatchObject({
      state: 'RUNNING',
      generation: 1,
      reason: 'spec changed: --new',
      signed: { spec: otherArgs },
    });
  });

  test('that is refused keeps the old child and spec', async () => {
    const server = await runningServer('reload-refused');
    await instance.own(server.name, {
      replaceChild: async () => {
        throw ApplicationFailure.create({
          message: 'There is no program "nothing".',
          type: 'COMMAND_NOT_FOUND',
          nonRetryable: true,
          details: [REPLACE_REFUSED, 'Install it.'],
        });
      },
    });
    edit(server, otherArgs);
    expect(await refusalOf(server.command('reload'))).toMatchObject({ type: 'COMMAND_NOT_FOUND' });
    expect(await server.snapshot()).toMatchObject({
      state: 'RUNNING',
      reason: 'keeps running unchanged: There is no program "nothing".',
      generation: 1,
      ready: { pid: 4_001 },
      signed: server.signed,
    });
  });

  test('whose new child does not come up ends in ERROR', async () => {
    const server = await runningServer('reload-fails');
    await instance.own(server.name, {
      replaceChild: async () => {
        instance.host.of(server.name)[0]?.exit('failed');
        throw ApplicationFailure.nonRetryable(CRASHED.message, CRASHED.code);
      },
    });
    edit(server, otherArgs);
    expect(await refusalOf(server.command('reload'))).toMatchObject({ type: CRASHED.code });
    expect(await server.until(({ state }) => state === 'ERROR')).toMatchObject({
      error: CRASHED,
      signed: { spec: otherArgs },
    });
  });

  test('makes a new generation of what is fixed for a session', async () => {
    const server = await runningServer('reload-generation');
    edit(server, { timeouts: { ...DEFAULT_TIMEOUTS, hostMs: 6_000 } });
    expect(await server.command('reload')).toMatchObject({ state: 'RUNNING', generation: 2 });
    const [, session] = instance.host.of(server.name);
    expect(session?.input.signed.spec.timeouts.hostMs).toBe(6_000);
  });

  test('starts a failed server whose spec was corrected', async () => {
    const server = await instance.add('reload-corrected');
    instance.host.behave(server.name, (session) =>
      session.generation === 1 ? session.exit('failed') : session.ready(),
    );
    await server.command('start');
    edit(server, otherArgs);
    expect(await server.command('reload')).toMatchObject({ state: 'RUNNING', generation: 2 });
  });

  test('stops a server that was disabled, and lets it be once it is enabled', async () => {
    const server = await runningServer('reload-disabled');
    edit(server, { enabled: false });
    expect(await server.command('reload')).toMatchObject({
      state: 'STOPPED',
      possible: ['enable', 'remove', 'reload'],
    });
    edit(server, { enabled: true });
    expect(await server.command('reload')).toMatchObject({ state: 'STOPPED', generation: 1 });
  });

  test('removes a server that is not in the inventory any more', async () => {
    const server = await runningServer('reload-removed');
    instance.control.forget(server.name);
    await server.command('reload');
    await expect(server.entity.result()).resolves.toBeUndefined();
    expect(await server.session(1).result()).toBe('stopped');
  });

  test('twice at a time leaves the server with the newest spec', async () => {
    const server = await runningServer('reload-twice');
    let begun: () => void = () => undefined;
    let go: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const mayGo = new Promise<void>((resolve) => (go = resolve));
    await instance.own(server.name, {
      replaceChild: async ({ reason }) => {
        begun();
        await mayGo;
        return readyOf(1, { reason });
      },
    });
    edit(server, otherArgs);
    const first = server.command('reload');
    await hasBegun;
    const newest = { process: { ...stdioSpec().process, args: ['--newest'] } };
    edit(server, newest);
    const second = server.command('reload');
    // It is under way when a later update has been answered.
    expect(await server.command('start', { wait: false })).toMatchObject({ already: true });
    go();
    await first;
    expect(await second).toMatchObject({
      state: 'RUNNING',
      generation: 1,
      signed: { spec: newest },
    });
  });
});

describe('plain signals', () => {
  test('start, restart, reload and stop a server', async () => {
    const server = await instance.add('signals');
    await server.signal('start');
    expect(await server.until(({ state }) => state === 'RUNNING')).toMatchObject({ generation: 1 });
    await instance.host.of(server.name)[0]?.backoff(60_000);
    await server.signal('restart');
    await server.until(({ state, generation }) => state === 'RUNNING' && generation === 2);
    edit(server, { tags: ['signalled'] });
    await server.signal('reload');
    await server.until(({ signed }) => signed.spec.tags.includes('signalled'));
    await server.signal('stop');
    await server.until(({ state }) => state === 'STOPPED');
    const events = instance.control.eventsOf(server.name);
    expect(events[0]).toMatchObject({ to: 'STARTING', actor: 'temporal-signal' });
  });

  test('whose restart is refused by the owner do no harm', async () => {
    const server = await runningServer('signal-refused');
    await instance.own(server.name, {
      replaceChild: async () => {
        throw ApplicationFailure.create({
          message: 'There is no program "nothing".',
          type: 'COMMAND_NOT_FOUND',
          nonRetryable: true,
          details: [REPLACE_REFUSED, 'Install it.'],
        });
      },
    });
    await server.signal('restart');
    await server.until(({ reason }) => reason.startsWith('keeps running unchanged'));
    const events = await eventually(
      () => instance.control.eventsOf(server.name),
      (seen) => seen.at(-1)?.kind === 'note',
    );
    expect(events.at(-1)?.reason).toBe('restart failed: There is no program "nothing".');
    expect(await server.command('stop')).toMatchObject({ state: 'STOPPED' });
  });
});

describe('remove', () => {
  test('completes the entity and its session', async () => {
    const server = await runningServer('remove');
    await server.command('remove');
    await expect(server.entity.result()).resolves.toBeUndefined();
    expect(await server.session(1).result()).toBe('stopped');
    expect(statesOf(server)).toEqual(['STARTING', 'STARTING', 'RUNNING', 'STOPPING', 'STOPPED']);
  });

  test('of a stopped server completes at once', async () => {
    const server = await instance.add('remove-stopped');
    await server.command('remove');
    await expect(server.entity.result()).resolves.toBeUndefined();
  });

  test('is not undone by a start', async () => {
    const server = await runningServer('remove-then-start');
    const [session] = instance.host.of(server.name);
    let end: () => void = () => undefined;
    if (session) session.ending = new Promise((resolve) => (end = resolve));
    await server.command('remove', { wait: false });
    expect(await refusalOf(server.command('start'))).toMatchObject({
      type: 'TRANSITION_REFUSED',
      message: 'Cannot start "remove-then-start": it is being removed.',
    });
    await server.signal('start');
    end();
    await expect(server.entity.result()).resolves.toBeUndefined();
  });
});

describe('events', () => {
  test('are written once each, in order, also when writing fails a few times', async () => {
    const server = await instance.add('events');
    instance.control.failWrites(server.name, 3);
    await server.command('start', { correlationId: 'c-7' });
    await server.command('stop', { actor: 'bert' });
    const events = await eventually(
      () => instance.control.eventsOf(server.name),
      (seen) => seen.at(-1)?.to === 'STOPPED',
    );
    const run = server.entity.firstExecutionRunId;
    expect(events.map(({ id }) => id)).toEqual(events.map((_event, index) => `${run}/${index}`));
    expect(events.map(({ to, actor, correlationId }) => [to, actor, correlationId])).toEqual([
      ['STARTING', 'anna', 'c-7'],
      ['STARTING', 'anna', 'c-7'],
      ['RUNNING', 'anna', 'c-7'],
      ['STOPPING', 'bert', undefined],
      ['STOPPED', 'bert', undefined],
    ]);
  });
});

/** What the Temporal UI asks of a workflow. */
interface UiMetadata {
  currentDetails: string;
  definition: Record<
    'signalDefinitions' | 'queryDefinitions' | 'updateDefinitions',
    { name: string; description?: string }[]
  >;
}

describe('the Temporal UI', () => {
  test('shows what the server is, in search attributes', async () => {
    const server = await runningServer('attributes', { tags: ['one', 'two'] });
    await eventually(
      async () => (await server.entity.describe()).searchAttributes,
      (seen) =>
        JSON.stringify(seen.McpState) === '["RUNNING"]' &&
        JSON.stringify(seen.McpHealth) === '["HEALTHY"]' &&
        JSON.stringify(seen.McpHost) === '["host-1"]' &&
        JSON.stringify(seen.McpTransport) === '["stdio"]' &&
        JSON.stringify(seen.McpTags) === '["one","two"]' &&
        JSON.stringify(seen.McpGeneration) === '[1]',
    );
    const sick = { ...ownerOf(1), health: 'UNHEALTHY' as const, reason: 'ping failed' };
    await server.entity.signal(sessionHealthSignal, sick);
    await eventually(
      async () => (await server.entity.describe()).searchAttributes.McpHealth,
      (health) => JSON.stringify(health) === '["UNHEALTHY"]',
    );
    const { currentDetails, definition } = await server.entity.query<UiMetadata>(
      '__temporal_workflow_metadata',
    );
    expect(currentDetails).toContain('- health: UNHEALTHY (ping failed)');
    const { signalDefinitions, queryDefinitions, updateDefinitions } = definition;
    const messages = [...signalDefinitions, ...queryDefinitions, ...updateDefinitions];
    const ours = messages.filter(({ name }) => !name.startsWith('__'));
    expect(ours.filter(({ description }) => !description)).toEqual([]);
  });
});

describe('the restart policy', () => {
  test('delays the next generation after a crash loop', async () => {
    const restart = restartPolicy({ initialDelayMs: 200, maxDelayMs: 300 });
    const server = await instance.add('delayed', { restart });
    instance.host.behave(server.name, (session) =>
      session.generation === 1 ? session.exit('crash-loop') : session.ready(),
    );
    const { transitions } = await server.command('start');
    const backoff = transitions.find(({ to }) => to === 'BACKOFF');
    const next = transitions.find(({ generation }) => generation === 2);
    expect((next?.atMs ?? 0) - (backoff?.atMs ?? 0)).toBeGreaterThanOrEqual(300);
  });
});
