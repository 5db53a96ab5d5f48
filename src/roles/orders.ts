import { type ErrorReport } from '../base/errors';
import { type ServerSummary } from '../domain/servers/status';

/** Messages from `up` to a process that runs roles: one of the first two, and then `run`. */
export type UpOrder =
  /** Merge configs, and load the roles afterwards. */
  | { order: 'prepare'; configs: readonly string[]; hasHost: boolean }
  | { order: 'load' }
  /** Temporal is there; without an address it is the one of the TEMPORAL_* variables. */
  | { order: 'run'; temporal?: { address: string; namespace: string } };

/** Messages from the control worker's process to `up` about the servers of an instance that starts. */
export type StartReport =
  /** A line for people. */
  | { report: 'line'; text: string }
  /** The configs are merged: nothing that a user has written keeps the instance from starting. */
  | { report: 'prepared' }
  /** Temporal knows all servers: from now on calls wait for those that are still starting. */
  | { report: 'registered' }
  /** A server has reached a state that it stays in, or is being installed. */
  | { report: 'server'; server: ServerSummary }
  /** All servers have. */
  | { report: 'settled' }
  | { report: 'failed'; error: ErrorReport };
