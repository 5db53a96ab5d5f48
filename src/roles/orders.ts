import { type ErrorReport } from '../base/errors';
import { type ServerSummary } from '../domain/servers/status';

/** Messages from `up` to a process that runs roles, in this order. */
export type UpOrder =
  | { order: 'prepare'; configs: readonly string[]; hasHost: boolean }
  /** Temporal is there; without an address it is the one of the TEMPORAL_* variables. */
  | { order: 'run'; temporal?: { address: string; namespace: string } };

/** Messages from the control worker's process to `up` about the servers of an instance that starts. */
export type StartReport =
  /** A line for people. */
  | { report: 'line'; text: string }
  /** Temporal knows all servers: from now on calls wait for those that are still starting. */
  | { report: 'registered' }
  /** A server has reached a state that it stays in, or is being installed. */
  | { report: 'server'; server: ServerSummary }
  /** All servers have. */
  | { report: 'settled' }
  | { report: 'failed'; error: ErrorReport };
