/** What a host says of itself: heartbeat details of its activity `runHost`. */
export interface HostReport {
  id: string;
  pid: number;
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
}

/** One line of `host list`. */
export interface HostStatus extends HostReport {
  /** `lost`: silent for longer than its heartbeat timeout. */
  presence: 'alive' | 'silent' | 'lost';
  lastSeenAtMs: number;
}
