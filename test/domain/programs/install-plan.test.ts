import { findCycle, nextInstalls } from '../../../src/domain/programs/install-plan';
import {
  type InstallItem,
  type InstallReport,
  type InstallStatus,
} from '../../../src/domain/programs/installs';
import { pinnedSpec, programSpec, signedSpec } from '../samples';

function item(name: string, ...dependsOn: string[]): InstallItem {
  const flags = { force: false, skipPrerequisites: false, inTurn: false };
  const upgrade = { upgrade: false, validate: false };
  const wish = { method: 'npm', package: 'thing', wanted: 'latest' } as const;
  const signed = signedSpec(programSpec(name));
  return { input: { name, signed, wish, ...flags, ...upgrade, actor: 'anna' }, dependsOn };
}

function ended(statuses: Record<string, InstallStatus>): Map<string, InstallReport> {
  return new Map(
    Object.entries(statuses).map(([server, status]) => [
      server,
      { server, method: 'npm', status, detail: '', blockedScripts: [] },
    ]),
  );
}

describe('nextInstalls', () => {
  const items = [item('a'), item('b', 'a'), item('c', 'b', 'elsewhere'), item('d')];

  test.each([
    ['nothing has begun', {}, [], 3, ['a', 'd'], []],
    ['one at a time', {}, [], 1, ['a'], []],
    ['all places are taken', {}, ['a', 'd'], 2, [], []],
    ['what comes first is there', { a: 'installed' }, ['d'], 3, ['b'], []],
    ['what comes first was there already', { a: 'unchanged' }, ['d'], 3, ['b'], []],
    ['what comes first has failed', { a: 'failed' }, ['d'], 3, [], ['b']],
    ['what comes first was left out', { a: 'failed', b: 'skipped' }, [], 3, ['d'], ['c']],
    ['what comes first was cancelled', { a: 'cancelled', d: 'installed' }, [], 3, [], ['b']],
    [
      'everything is done',
      { a: 'installed', b: 'installed', c: 'failed', d: 'failed' },
      [],
      3,
      [],
      [],
    ],
  ] as const)('%s', (_when, done, running, concurrency, start, skip) => {
    const next = nextInstalls(items, ended(done), new Set(running), {
      concurrency,
      keepsInstalled: true,
    });
    expect(next.start.map(({ input }) => input.name)).toEqual(start);
    expect(next.skip.map(({ item: { input } }) => input.name)).toEqual(skip);
  });
});

describe('what was installed before', () => {
  const pin = { version: '1.0.0', integrity: 'sha512-x', name: 'thing', allowScripts: [] };
  const installed = (name: string, ...dependsOn: string[]): InstallItem => {
    const { input } = item(name);
    return { input: { ...input, signed: pinnedSpec(input.signed, pin) }, dependsOn };
  };
  const next = (items: InstallItem[], done: Record<string, InstallStatus>) => {
    const rules = { concurrency: 3, keepsInstalled: true };
    const { start, skip } = nextInstalls(items, ended(done), new Set(), rules);
    return {
      start: start.map(({ input }) => input.name),
      skip: skip.map((skipped) => `${skipped.item.input.name}: ${skipped.reason}`),
    };
  };

  test('is not skipped for something that was not installed', () => {
    const items = [item('base'), installed('middle', 'base'), item('top', 'middle')];
    expect(next(items, { base: 'failed' })).toEqual({ start: ['middle'], skip: [] });
    expect(next(items, { base: 'failed', middle: 'unchanged' }).start).toEqual(['top']);
  });

  test('keeps nothing from being installed when it could not be installed again', () => {
    const items = [installed('base'), item('top', 'base')];
    expect(next(items, { base: 'failed' })).toEqual({ start: ['top'], skip: [] });
  });

  test('and a chain of skipped servers names the root cause', () => {
    const items = [item('base'), item('middle', 'base'), item('top', 'middle')];
    const reports = ended({ base: 'failed' });
    const [{ item: middle, reason } = { item: undefined, reason: '' }] = nextInstalls(
      items,
      reports,
      new Set(),
      { concurrency: 3, keepsInstalled: true },
    ).skip;
    expect(middle?.input.name).toBe('middle');
    const skipped: InstallReport = {
      ...{ server: 'middle', method: 'npm', status: 'skipped', detail: reason, blockedScripts: [] },
    };
    const rules = { concurrency: 3, keepsInstalled: true };
    const { skip } = nextInstalls(
      items,
      new Map([...reports, ['middle', skipped]]),
      new Set(),
      rules,
    );
    expect(skip.map((one) => one.reason)).toEqual(['"base" was not installed']);
  });
});

describe('findCycle', () => {
  test.each([
    [{ a: ['b'], b: ['c'], c: [] }, undefined],
    [{ a: ['b', 'c'], b: ['c'], c: ['outside'] }, undefined],
    [{ a: ['a'] }, ['a', 'a']],
    [{ x: ['a'], a: ['b'], b: ['c'], c: ['a'] }, ['a', 'b', 'c', 'a']],
  ])('%j', (dependencies, cycle) => {
    expect(findCycle(new Map(Object.entries(dependencies)))).toEqual(cycle);
  });
});
