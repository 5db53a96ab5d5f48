import { type BulkCommand, selectServers } from '../../../src/domain/servers/server-selection';

const servers = [
  { name: 'runs', state: 'RUNNING', enabled: true },
  { name: 'stopped', state: 'STOPPED', enabled: true },
  { name: 'disabled', state: 'STOPPED', enabled: false },
] as const;

test.each<[command: BulkCommand, chosen: string[], leftAlone: string[]]>([
  ['start', ['runs', 'stopped'], ['disabled: it is disabled']],
  ['restart', ['runs'], ['stopped: it is stopped', 'disabled: it is disabled']],
  ['stop', ['runs', 'stopped', 'disabled'], []],
  ['enable', ['runs', 'stopped', 'disabled'], []],
  ['disable', ['runs', 'stopped', 'disabled'], []],
])('%s of all', (command, chosen, leftAlone) => {
  const selected = selectServers(servers, command);
  expect(selected.chosen).toEqual(chosen);
  expect(selected.leftAlone.map(({ name, reason }) => `${name}: ${reason}`)).toEqual(leftAlone);
});
