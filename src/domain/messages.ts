import { type RequestOrigin, type EntityState } from './entity/entity';
import { possibleFor } from './entity/entity-permission';
import { readyReplicas } from './entity/entity-replicas';
import { type IsolationOrder } from './isolation/isolation';
import { type ServerCommand } from './states';
import { type SignedSpec } from './trust/signed-spec';

/** Input of workflow `mcpServer`: a new server, or the state that is carried over by continue-as-new. */
export type ServerInput = { name: string; signed: SignedSpec } | { carried: EntityState };

/** Argument of the updates `start`, `stop`, `restart`, `reload` and `remove`. */
export interface CommandInput extends RequestOrigin {
  /** Whether to answer when the server has settled, not when the command was accepted. */
  wait: boolean;
}

/** Argument of the update `isolation`. */
export interface OrderInput extends RequestOrigin {
  order: IsolationOrder;
}

/** Members of an entity that its snapshot leaves out. */
type InternalMember =
  | 'session'
  | 'replicas'
  | 'outbox'
  | 'eventCount'
  | 'runId'
  | 'asked'
  | 'crashLoops'
  | 'retryAtMs'
  | 'removed'
  | 'lastInstall';

/** Type of the failure whose detail answers the update `read`. */
export const READ_ANSWER = 'READ_ANSWER';

/** Answer of the query `snapshot` and of every update. */
export interface ServerSnapshot extends Omit<EntityState, InternalMember> {
  hasSession: boolean;
  /** Sessions that are ready; more than one only for a server with replicas. */
  readySessions: number;
  possible: ServerCommand[];
  /** Set in the answer to a command when the server was there before, or on its way. */
  already?: true;
}

export function snapshotOf(entity: EntityState): ServerSnapshot {
  const {
    session,
    replicas: _replicas,
    outbox: _outbox,
    eventCount: _count,
    runId: _run,
    asked: _asked,
    ...rest
  } = entity;
  const { crashLoops: _loops, retryAtMs: _retry, removed: _removed, ...inner } = rest;
  const { lastInstall: _last, ...shown } = inner;
  return {
    ...shown,
    hasSession: session !== undefined,
    readySessions: readyReplicas(entity).length + (entity.ready ? 1 : 0),
    possible: possibleFor(entity),
  };
}
