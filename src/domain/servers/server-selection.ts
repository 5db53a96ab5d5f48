import { type ServerStatus } from './status';

/** Commands for many servers at once. */
export type BulkCommand = 'start' | 'stop' | 'restart' | 'enable' | 'disable';

export interface LeftAlone {
  name: string;
  reason: string;
}

/** Returns the servers that a command applies to, and why the others are left alone. */
export function selectServers(
  servers: readonly Pick<ServerStatus, 'name' | 'state' | 'enabled'>[],
  command: BulkCommand,
): { chosen: string[]; leftAlone: LeftAlone[] } {
  const reasons = servers.map(({ name, state, enabled }) => {
    const isStart = command === 'start' || command === 'restart';
    if (isStart && !enabled) return { name, reason: 'it is disabled' };
    // A restart must not start a server that was stopped on purpose.
    const isStopped = command === 'restart' && state === 'STOPPED';
    return { name, reason: isStopped ? 'it is stopped' : undefined };
  });
  return {
    chosen: reasons.flatMap(({ name, reason }) => (reason === undefined ? [name] : [])),
    leftAlone: reasons.flatMap(({ name, reason }) =>
      reason === undefined ? [] : [{ name, reason }],
    ),
  };
}
