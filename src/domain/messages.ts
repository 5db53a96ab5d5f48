import { type Asked, type EntityState } from './entity';
import { type ServerEvent } from './events';
import { type Owner, type SessionReady } from './session';
import { type SignedSpec } from './spec';
import { type Health, possibleCommands, type ServerCommand, type ServerState } from './states';
import { type ErrorReport } from './errors';

/** Input of workflow `mcpServer`: a new server, or the state that is carried over by continue-as-new. */
export type ServerInput = { name: string; signed: SignedSpec } | { carried: EntityState };

/** Argument of the updates `start`, `stop`, `restart`, `reload` and `remove`. */
export interface CommandInput extends Asked {
  /** Answer when the server has settled, not when the command was accepted. */
  wait: boolean;
}

/** Answer of the query `snapshot` and of every update. */
export interface ServerSnapshot {
  name: string;
  signed: SignedSpec;
  desired: 'running' | 'stopped';
  state: ServerState;
  reason: string;
  error?: ErrorReport;
  sinceMs: number;
  generation: number;
  hasSession: boolean;
  owner?: Owner;
  ready?: SessionReady & { atMs: number };
  restarts: number;
  health: Health;
  healthReason: string;
  possible: ServerCommand[];
  transitions: ServerEvent[];
}

export function snapshotOf(entity: EntityState): ServerSnapshot {
  const {
    session,
    outbox: _outbox,
    eventCount: _count,
    runId: _run,
    asked: _asked,
    ...rest
  } = entity;
  const { crashLoops: _loops, retryAtMs: _retry, removed: _removed, ...shown } = rest;
  return {
    ...shown,
    hasSession: session !== undefined,
    possible: possibleCommands(entity.state, entity.signed.spec.enabled),
  };
}
