import { matchesFilter, type ServerFilter } from '../../../src/domain/servers/server-filter';

const server: Parameters<typeof matchesFilter>[1] = {
  ...{ state: 'RUNNING', health: 'HEALTHY', type: 'stdio' },
  tags: ['blue', 'fast'],
};
const none: ServerFilter = { state: [], health: [], tag: [], type: [] };

it.each<[what: string, filter: Partial<ServerFilter>, meant: boolean]>([
  ['nothing', {}, true],
  ['its state', { state: ['ERROR', 'RUNNING'] }, true],
  ['another state', { state: ['ERROR'] }, false],
  ['its health', { health: ['HEALTHY'] }, true],
  ['one of its tags', { tag: ['red', 'fast'] }, true],
  ['tags that it has not', { tag: ['red'] }, false],
  ['another type', { type: ['http', 'sse'] }, false],
  ['one member that fits and one that does not', { tag: ['blue'], health: ['DEGRADED'] }, false],
])('a filter for %s', (_what, filter, meant) => {
  expect(matchesFilter({ ...none, ...filter }, server)).toBe(meant);
});
