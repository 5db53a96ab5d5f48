/**
 * A host that was silent for this long is lost. Below the default of its servers' own timeouts (`timeouts.host`): when those
 * move, others know already that nothing must be left to it.
 */
export const HOST_TIMEOUT_MS = 4_000;
/** A host polls one queue for each subset of its labels. */
export const MAX_HOST_LABELS = 5;

/** What a host says of itself: heartbeat details of its activity `runHost`. */
export interface HostReport {
  id: string;
  pid: number;
  /** Of its process: tells it from another one that got its pid. Undefined where there is no /proc. */
  startTime?: number;
  machine: string;
  labels: string[];
  /** Takes only servers that require one of its labels. */
  exclusive: boolean;
  /** Servers that it runs at most. */
  capacity: number;
  /** Servers that it runs, by name and generation. */
  sessions: { server: string; generation: number; replica: number }[];
  state: 'ready' | 'draining' | 'drained';
  startedAtMs: number;
  rssBytes: number;
  version: string;
  /** Started again by `up` when it ends. */
  isSupervised: boolean;
}

export type HostPresence = 'alive' | 'silent' | 'lost';

/** One line of `host list`. */
export interface HostStatus extends HostReport {
  /** `silent`: no sign of life for 2.5 s; `lost`: for longer than the heartbeat timeout, or its process is gone. */
  presence: HostPresence;
  lastSeenAtMs: number;
}

/** The one word for how a host is. */
export function hostState({ presence, state }: HostStatus): HostPresence | HostReport['state'] {
  return presence === 'alive' ? state : presence;
}

export interface DrainInput {
  /** How long calls in flight may take; then they are cut off. */
  graceMs: number;
}

/** A host that is silent: frozen, cut off, or dead on another machine. */
export interface LostHost {
  id: string;
  /** By which Temporal knows its workers. */
  identity: string;
  lastSeenAtMs: number;
}
