import { type EntityState } from './entity';
import { move, note } from './entity-events';
import { type InstallEnded } from '../programs/installs';

/** Records that an installation is under way; a running server continues meanwhile. */
export function installStarted(
  entity: EntityState,
  install: { id: string; signature: string },
  what: string,
  atMs: number,
): EntityState {
  const next = { ...entity, install, lastInstall: undefined };
  const reason = `installing ${what}`;
  return entity.session ? note(next, reason, atMs) : move(next, 'INSTALLING', reason, atMs);
}

/** Forgets the installation: its result no longer matters. */
export function installDropped(entity: EntityState): EntityState {
  return { ...entity, install: undefined };
}

/** Applies the result of the installation that this entity waits for; others are for those who requested them. */
export function installEnded(entity: EntityState, ended: InstallEnded, atMs: number): EntityState {
  const { id, signed, error } = ended;
  if (entity.install?.id !== id) return entity;
  const next: EntityState = { ...entity, install: undefined, lastInstall: { id, error } };
  if (entity.state !== 'INSTALLING') {
    return error ? note(next, `program not installed: ${error.message}`, atMs) : next;
  }
  if (error) return move({ ...next, desired: 'stopped', error }, 'ERROR', error.message, atMs);
  return move(
    { ...next, signed: signed ?? next.signed },
    'STARTING',
    'installation complete',
    atMs,
  );
}
