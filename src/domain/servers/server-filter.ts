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

export function isMeant(
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

function isAnyOf(wanted: readonly string[], found: readonly string[]): boolean {
  return wanted.length === 0 || wanted.some((value) => found.includes(value));
}
