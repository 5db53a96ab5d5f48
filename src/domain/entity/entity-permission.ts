import { type EntityState } from './entity';
import { possibleOrders } from './entity-isolation';
import { type Permission, possibleCommands, type ServerCommand, type ServerState } from '../states';

/** Returns all commands that a server accepts now. */
export function possibleFor(entity: EntityState): ServerCommand[] {
  const { state, signed, wakes } = entity;
  const commands = possibleCommands(state, signed.spec.enabled);
  // A server that is asleep can be kept from waking up.
  const stop = wakes && !commands.includes('stop') ? (['stop'] as const) : [];
  return [...commands, ...stop, ...possibleOrders(entity)];
}

/** Decides whether a command or order is possible now; a refusal names the state and the possible commands. */
export function permission(entity: EntityState, command: ServerCommand): Permission {
  if (entity.removed) return { allowed: false, reason: 'it is being removed' };
  const possible = possibleFor(entity);
  if (possible.includes(command)) return { allowed: true };
  const { state, signed } = entity;
  const found = signed.spec.enabled ? state : `${state} and disabled`;
  return { allowed: false, reason: `it is ${found}; available commands: ${possible.join(', ')}` };
}

const STARTED: ReadonlySet<ServerState> = new Set([
  ...(['RUNNING', 'STARTING', 'INSTALLING', 'BACKOFF', 'RECOVERING'] as const),
]);
const ENDED: ReadonlySet<ServerState> = new Set(['STOPPED', 'STOPPING']);

/** Whether a server already is, or is on its way, where the command would bring it: then nothing is refused, and nothing done. */
export function isNoOp(entity: EntityState, command: ServerCommand): boolean {
  const { state, desired, removed } = entity;
  if (removed || permission(entity, command).allowed) return false;
  if (command === 'stop') return desired === 'stopped' && ENDED.has(state);
  return command === 'start' && desired === 'running' && STARTED.has(state);
}
