import { findCycle, nextInstalls } from '../../src/domain/install-plan';
import {
  type InstallItem,
  type InstallReport,
  type InstallStatus,
} from '../../src/domain/installs';
import { programSpec, signedSpec } from './samples';

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
    const next = nextInstalls(items, ended(done), new Set(running), concurrency);
    expect(next.start.map(({ input }) => input.name)).toEqual(start);
    expect(next.skip.map(({ item: { input } }) => input.name)).toEqual(skip);
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
