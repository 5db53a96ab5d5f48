import { type ServerType } from '../spec';
import { type ServerStatus } from './status';
import { type Health, type ServerState } from '../states';

/** Selects servers that have one of the values of each member; an empty list means any. */
export interface ServerFilter {
  state: readonly ServerState[];
  health: readonly Health[];
  tag: readonly string[];
  type: readonly ServerType[];
}

export function matchesFilter(
  filter: ServerFilter,
  server: Pick<ServerStatus, 'state' | 'health' | 'tags' | 'type'>,
): boolean {
  return (
    isAnyOf(filter.state, [server.state]) &&
    isAnyOf(filter.health, [server.health]) &&
    isAnyOf(filter.tag, server.tags) &&
    isAnyOf(filter.type, [server.type])
  );
}

function isAnyOf(allowed: readonly string[], found: readonly string[]): boolean {
  return allowed.length === 0 || allowed.some((value) => found.includes(value));
}
