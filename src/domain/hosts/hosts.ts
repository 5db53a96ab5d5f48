/**
 * Silence after which a host is lost. Below the default of its servers' own timeouts (`timeouts.host`): when those
 * move, others already know not to leave anything to it.
 */
export const HOST_TIMEOUT_MS = 4_000;
/** Silence after which a host is shown as silent. */
export const HOST_SILENT_MS = 2_500;
/** Maximum of labels: a host polls one queue for each subset of its labels. */
export const MAX_HOST_LABELS = 5;

/** Report of a host about itself: heartbeat details of its activity `runHost`. */
export interface HostReport {
  id: string;
  pid: number;
  /** Start time of its process: distinguishes it from another one with a reused pid. Undefined where there is no /proc. */
  startTime?: number;
  machine: string;
  labels: string[];
  /** Whether it takes only servers that require one of its labels. */
  exclusive: boolean;
  /** Maximum of servers that it runs. */
  capacity: number;
  /** Servers that it runs, by name and generation. */
  sessions: { server: string; generation: number; replica: number }[];
  state: 'ready' | 'draining' | 'drained';
  startedAtMs: number;
  rssBytes: number;
  version: string;
  /** Whether `up` starts it again when it ends. */
  isSupervised: boolean;
}

export type HostPresence = 'alive' | 'silent' | 'lost';

/** Entry of `host list`. */
export interface HostStatus extends HostReport {
  /** `silent`: no sign of life for 2.5 s; `lost`: for longer than the heartbeat timeout, or its process is gone. */
  presence: HostPresence;
  lastSeenAtMs: number;
}

/** Returns the single word for the state of a host. */
export function hostState({ presence, state }: HostStatus): HostPresence | HostReport['state'] {
  return presence === 'alive' ? state : presence;
}

export interface DrainInput {
  /** Time that calls in flight may take; then they are cut off. */
  graceMs: number;
}

/** Silent host: frozen, cut off, or dead on another machine. */
export interface LostHost {
  id: string;
  /** Identity by which Temporal knows its workers. */
  identity: string;
  lastSeenAtMs: number;
}
