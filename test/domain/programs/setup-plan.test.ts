import { type InstallReport, type InstallStatus } from '../../../src/domain/programs/installs';
import { planTests, type SetupServer } from '../../../src/domain/programs/setup-plan';

const server = (name: string, over: Partial<SetupServer> = {}): SetupServer => ({
  ...{ name, state: 'RUNNING', enabled: true, generation: 1, possible: ['stop'] },
  ...over,
});

const report = (name: string, status: InstallStatus): InstallReport => ({
  ...{ server: name, method: 'npm', status, detail: '', blockedScripts: [] },
});

test.each<[what: string, server: SetupServer, reason: string | undefined]>([
  ['it runs', server('a'), undefined],
  ['it failed', server('a', { state: 'ERROR', possible: ['start', 'stop'] }), undefined],
  [
    'it was never started',
    server('a', { state: 'STOPPED', generation: 0, possible: [] }),
    undefined,
  ],
  ['it sleeps', server('a', { state: 'STOPPED', possible: ['start', 'stop'] }), undefined],
  ['it was stopped', server('a', { state: 'STOPPED', possible: ['start'] }), 'it was stopped'],
  ['it is disabled', server('a', { enabled: false }), 'it is disabled'],
])('tests a server unless it is meant not to run: %s', (_what, one, reason) => {
  const skip = reason === undefined ? [] : [{ server: 'a', reason }];
  const test = reason === undefined ? ['a'] : [];
  expect(planTests([one], [], new Map())).toEqual({ test, skip });
});

test('does not test servers that were not installed, nor their dependents at any depth', () => {
  const dependencies = new Map([
    ['middle', ['base', 'remote']],
    ['top', ['middle']],
    ['apart', ['remote']],
  ]);
  const servers = ['base', 'middle', 'top', 'apart'].map((name) => server(name));
  const installs = [report('base', 'failed'), report('apart', 'unchanged')];
  expect(planTests(servers, installs, dependencies)).toEqual({
    test: ['apart'],
    skip: [
      { server: 'base', reason: 'its program was not installed' },
      { server: 'middle', reason: '"base" was not installed' },
      { server: 'top', reason: '"base" was not installed' },
    ],
  });
});
