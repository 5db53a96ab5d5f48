import { ApplicationFailure, Context } from '@temporalio/activity';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { type InstallInput } from '../../src/domain/programs/installs';
import { DEFAULT_TIMEOUTS } from '../../src/domain/spec';
import { installReportsQuery } from '../../workflows/messages';
import { programSpec, signedSpec } from '../domain/samples';
import { installedAs } from './fake-host';
import { eventually, TestInstance } from './instance';

let instance: TestInstance;

beforeAll(async () => {
  instance = await TestInstance.start();
}, 20 * 60_000);
afterEach(() => instance.clear());
afterAll(() => instance.close());

function inputOf(name: string, over: Partial<InstallInput> = {}): InstallInput {
  const flags = { force: false, skipPrerequisites: false, inTurn: false };
  const upgrade = { upgrade: false, validate: false };
  const signed = signedSpec(programSpec(name));
  const wish = { method: 'npm', package: 'thing', wanted: 'latest' } as const;
  return { name, signed, wish, ...flags, ...upgrade, actor: 'anna', ...over };
}

const PLACE = { host: 'host-1', logFile: '/logs/thing.log' };
const refused = (message: string) =>
  ApplicationFailure.nonRetryable(message, 'VERSION_NOT_FOUND', 'Choose another.', PLACE);

/** Runs until it is cancelled. */
async function forever(): Promise<never> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat({ step: 'downloads' }), 50);
  return context.cancelled.finally(() => clearInterval(timer));
}

/** What the failure of an installation says of it. */
async function failedReport(handle: { result(): Promise<unknown> }): Promise<unknown> {
  const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
  const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
  return cause instanceof ApplicationFailure ? cause.details?.[0] : error;
}

const statesOf = (name: string) =>
  instance.control.eventsOf(name).flatMap(({ to }) => (to ? [to] : []));

describe('the first start of a server that has to be installed', () => {
  test('installs it, then starts it with what was installed', async () => {
    const server = await instance.add('first', programSpec('first'));
    const started = await server.command('start');
    expect(started).toMatchObject({ state: 'RUNNING', generation: 1 });
    expect(started.install).toBeUndefined();
    expect(started.signed.spec.process?.program?.pin?.version).toBe('1.0.0');
    expect(instance.host.of('first')[0]?.input.signed).toEqual(started.signed);
    await eventually(
      () => statesOf('first'),
      (states) => states.includes('RUNNING'),
    );
    expect(statesOf('first')).toEqual([
      'STARTING',
      'INSTALLING',
      'STARTING',
      'STARTING',
      'RUNNING',
    ]);
  });

  test('fails with the reason, and installs again when it is started again', async () => {
    const server = await instance.add('install-refused', programSpec('install-refused'));
    instance.host.install('install-refused', async () => {
      if (instance.host.installed.filter((name) => name === 'install-refused').length > 1) {
        return installedAs('1.0.0');
      }
      throw refused('there is no version 9');
    });
    expect(await server.command('start')).toMatchObject({
      state: 'ERROR',
      desired: 'stopped',
      error: {
        code: 'VERSION_NOT_FOUND',
        message: 'there is no version 9',
        fix: 'Choose another.',
      },
    });
    expect(await server.command('start')).toMatchObject({ state: 'RUNNING' });
  });

  test('tries again what the network may have caused', async () => {
    const server = await instance.add('network', programSpec('network'));
    instance.host.install('network', async () => {
      if (Context.current().info.attempt > 1) return installedAs('1.0.0');
      throw ApplicationFailure.create({ message: 'no route', type: 'REGISTRY_UNREACHABLE' });
    });
    expect(await server.command('start')).toMatchObject({ state: 'RUNNING' });
  });

  test('may take longer than any start', async () => {
    const timeouts = { ...DEFAULT_TIMEOUTS, startMs: 1, stopMs: 1 };
    const server = await instance.add('slow', { ...programSpec('slow'), timeouts });
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    instance.host.install('slow', async () => {
      await finished;
      return installedAs('1.0.0');
    });
    const started = server.command('start');
    await server.until(({ state }) => state === 'INSTALLING');
    // The timer of the start itself is not running any more: nothing is left that could fire.
    const { events } = await server.entity.fetchHistory();
    const timers = (type: string) => events?.filter((event) => event[type as 'eventId']).length;
    expect(timers('timerCanceledEventAttributes')).toBe(timers('timerStartedEventAttributes'));
    finish();
    expect(await started).toMatchObject({ state: 'RUNNING' });
  });

  test('is cancelled by a stop', async () => {
    const server = await instance.add('cancelled-install', programSpec('cancelled-install'));
    instance.host.install('cancelled-install', forever);
    await server.command('start', { wait: false });
    const { install } = await server.until(({ state }) => state === 'INSTALLING');
    expect(await server.command('stop')).toMatchObject({ state: 'STOPPED' });
    const handle = instance.client.workflow.getHandle(install?.id ?? '');
    await expect(handle.result()).rejects.toMatchObject({
      cause: expect.any(CancelledFailure) as Error,
    });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    const stopped = await server.snapshot();
    expect([stopped.state, stopped.install]).toEqual(['STOPPED', undefined]);
  });

  test('joins an installation that is under way already', async () => {
    const server = await instance.add('joined', programSpec('joined'));
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    instance.host.install('joined', async () => {
      await finished;
      return installedAs('1.0.0');
    });
    const { signed } = server;
    const first = await instance.install(inputOf('joined', { signed }));
    const started = server.command('start');
    await server.until(({ state }) => state === 'INSTALLING');
    finish();
    expect(await started).toMatchObject({ state: 'RUNNING' });
    expect(await first.result()).toMatchObject({ status: 'installed' });
  });
});

describe('a reload to another program', () => {
  const other = programSpec('x', { source: { method: 'npm', package: 'other', wanted: 'latest' } });

  test('lets the old one run until the new one is installed', async () => {
    const server = await instance.add('switch');
    await server.command('start');
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    instance.host.install('switch', async () => {
      await finished;
      return installedAs('1.0.0');
    });
    await instance.own('switch', {
      replaceChild: async ({ generation, signed }) => ({
        ...{ generation, epoch: 1, host: 'host-1', hostPid: 1_001, restarts: 0, tools: 3 },
        ...{ toolsHash: 'x', serverInfo: { name: 'x', version: '1' }, protocolVersion: 'x' },
        reason: `replaced by ${signed.spec.process?.program?.pin?.version}`,
      }),
    });
    instance.control.put(
      'switch',
      signedSpec({ ...server.signed.spec, ...other, name: 'switch', type: 'stdio' }),
    );
    const reloaded = server.command('reload');
    expect(await server.until(({ install }) => install !== undefined)).toMatchObject({
      state: 'RUNNING',
    });
    finish();
    expect(await reloaded).toMatchObject({ state: 'RUNNING', reason: 'replaced by 1.0.0' });
  });

  test('leaves the old one alone when it cannot be installed, and says why', async () => {
    const server = await instance.add('switch-refused');
    await server.command('start');
    instance.host.install('switch-refused', async () => {
      throw refused('there is no version 9');
    });
    instance.control.put(
      'switch-refused',
      signedSpec({ ...server.signed.spec, ...other, name: 'switch-refused', type: 'stdio' }),
    );
    await expect(server.command('reload')).rejects.toMatchObject({
      cause: { type: 'VERSION_NOT_FOUND', message: 'there is no version 9' },
    });
    await expect(server.command('reload')).rejects.toThrow(WorkflowUpdateFailedError);
    expect(await server.snapshot()).toMatchObject({ state: 'RUNNING', generation: 1 });
  });
});

describe('an upgrade', () => {
  const upgradeOf = (name: string) =>
    inputOf(name, {
      signed: signedSpec(programSpec(name)),
      upgrade: true,
      validate: true,
    });

  async function installed(name: string) {
    await instance.add(name, programSpec(name));
    const first = await instance.install(inputOf(name, { force: true }));
    await first.result();
    instance.host.install(name, async () => installedAs('2.0.0'));
  }

  test('tries the new version, records it and switches to it', async () => {
    await installed('up');
    const handle = await instance.install(upgradeOf('up'));
    expect(await handle.result()).toMatchObject({
      ...{ status: 'installed', version: '2.0.0', oldVersion: '1.0.0' },
      validation: { passed: true },
    });
    expect(instance.control.reloaded).toContain('up');
  });

  test('is not recorded when the new version does not pass', async () => {
    await installed('worse');
    instance.host.validate('worse', async ({ signed }) => ({
      ...{ server: 'worse', passed: false, startedAtMs: 0, durationMs: 1 },
      checks: [
        {
          name: 'handshake',
          status: 'failed',
          detail: signed.spec.process?.program?.pin?.version ?? '',
          ms: 1,
        },
      ],
    }));
    const handle = await instance.install(upgradeOf('worse'));
    expect(await failedReport(handle)).toMatchObject({
      status: 'failed',
      error: { code: 'VALIDATION_FAILED', message: '2.0.0 failed validation: handshake: 2.0.0' },
    });
    expect((await handle.describe()).status.name).toBe('FAILED');
    const pins = instance.control.recorded.filter(({ name }) => name === 'worse');
    expect(pins.map(({ pin }) => pin?.version)).toEqual(['1.0.0']);
  });

  test('goes back when the new version does not come up', async () => {
    await installed('back');
    instance.control.failReload('it exited with code 7');
    const handle = await instance.install(upgradeOf('back'));
    expect(await failedReport(handle)).toMatchObject({
      status: 'failed',
      detail: '2.0.0 did not start: it exited with code 7; rolled back to 1.0.0',
      error: { code: 'SERVER_EXITED' },
    });
    const pins = instance.control.recorded.filter(({ name }) => name === 'back');
    expect(pins.map(({ pin }) => pin?.version)).toEqual(['1.0.0', '2.0.0', '1.0.0']);
    expect(instance.control.reloaded.filter((name) => name === 'back')).toHaveLength(2);
  });
});

describe('many installations', () => {
  test('run as many at once as may, after what they depend on', async () => {
    const finishers = new Map<string, () => void>();
    const item = (name: string, dependsOn: string[] = []) => {
      instance.host.install(name, async () => {
        await new Promise<void>((resolve) => finishers.set(name, resolve));
        return installedAs('1.0.0');
      });
      return { input: inputOf(name), dependsOn };
    };
    const items = [item('needs-a', ['a']), item('a'), item('b'), item('c')];
    const all = await instance.installAll('many', { items, concurrency: 2 });
    const running = () => [...finishers.keys()].sort();
    await eventually(running, (names) => names.length === 2);
    expect(running()).toEqual(['a', 'b']);
    finishers.get('a')?.();
    await eventually(running, (names) => names.length === 3);
    expect(running()).toEqual(['a', 'b', 'needs-a']);
    finishers.get('b')?.();
    await eventually(running, (names) => names.length === 4);
    for (const finish of finishers.values()) finish();
    const reports = await all.result();
    expect(reports.map(({ server, status }) => [server, status])).toEqual(
      ['needs-a', 'a', 'b', 'c'].map((name) => [name, 'installed']),
    );
  });

  test('leave out what depends on a failed one', async () => {
    instance.host.install('broken', async () => {
      throw refused('there is no version 9');
    });
    const items = [
      { input: inputOf('needs-broken'), dependsOn: ['broken'] },
      { input: inputOf('broken'), dependsOn: [] },
    ];
    const all = await instance.installAll('broken', { items, concurrency: 3 });
    const reports = await all.result();
    expect(reports.map(({ status, detail }) => [status, detail])).toEqual([
      ['skipped', '"broken" was not installed'],
      ['failed', 'there is no version 9'],
    ]);
    expect(reports[1]).toMatchObject(PLACE); // what failed is read about in its log
  });

  test('tell of one that was under way already that it is installed now', async () => {
    let calls = 0;
    let finish = () => {};
    instance.host.install('joined-install', async () => {
      const installed = { ...installedAs('1.0.0'), reused: calls++ > 0 };
      if (calls === 1) await new Promise<void>((resolve) => (finish = resolve));
      return installed;
    });
    const first = await instance.install(inputOf('joined-install'));
    await eventually(
      () => calls,
      (count) => count === 1,
    );
    const items = [{ input: inputOf('joined-install'), dependsOn: [] }];
    const all = await instance.installAll('joined', { items, concurrency: 3 });
    await eventually(
      async () => (await all.fetchHistory()).events ?? [],
      (events) => events.some((event) => event.startChildWorkflowExecutionFailedEventAttributes),
    );
    finish();
    await first.result();
    expect(await all.result()).toMatchObject([
      {
        status: 'installed',
        version: '1.0.0',
        detail: expect.stringContaining('already in progress') as string,
      },
    ]);
  });

  test('are cancelled together', async () => {
    for (const name of ['one', 'two']) instance.host.install(name, forever);
    const items = ['one', 'two', 'three'].map((name) => ({ input: inputOf(name), dependsOn: [] }));
    const all = await instance.installAll('cancelled', { items, concurrency: 2 });
    await eventually(
      () => instance.host.installed,
      (names) => names.includes('one') && names.includes('two'),
    );
    await all.cancel();
    const reports = await all.result();
    expect(reports.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(instance.host.installed).not.toContain('three');
    expect(await all.query(installReportsQuery)).toEqual(reports);
  });
});
