/** States of a server. DESIGN: the table below is the only place that decides. */
export type ServerState =
  /** Nothing runs and nothing should. */
  | 'STOPPED'
  /** Its program is being installed. */
  | 'INSTALLING'
  /** A session exists; the server has not finished its handshake. */
  | 'STARTING'
  /** Ready to answer. */
  | 'RUNNING'
  /** Calls in flight finish, then the process is ended. */
  | 'STOPPING'
  /** Crashed, and waiting to be restarted. */
  | 'BACKOFF'
  /** Waiting for another host, because its own is gone or was drained. */
  | 'RECOVERING'
  /** Failed for good; the reason is in `reason`. */
  | 'ERROR'
  /** Isolated after repeated errors or changed tool definitions. */
  | 'QUARANTINED'
  /** Taken out of service by an operator. */
  | 'MAINTENANCE';

/** Commands of operators for a server. */
export type ServerCommand =
  | 'start'
  | 'stop'
  | 'restart'
  | 'reload'
  | 'enable'
  | 'disable'
  | 'remove'
  | 'quarantine'
  | 'release'
  | 'maintenance on'
  | 'maintenance off';

export type Health = 'HEALTHY' | 'DEGRADED' | 'UNHEALTHY' | 'UNKNOWN';

/** Handling of a call in each state: it runs now, waits in the server's queue, or is refused immediately. */
export type CallAdmission = 'run' | 'wait' | 'refuse';

interface StateRules {
  calls: CallAdmission;
  commands: readonly ServerCommand[];
  next: readonly ServerState[];
  /** Whether a quarantine or maintenance is shown in its place. */
  coverable: boolean;
}

const always = ['enable', 'disable', 'remove', 'reload'] as const;

export const STATES: Readonly<Record<ServerState, StateRules>> = {
  STOPPED: {
    calls: 'refuse',
    commands: ['start', 'restart', ...always],
    next: ['STARTING', 'INSTALLING', 'QUARANTINED', 'MAINTENANCE', 'ERROR'],
    coverable: false,
  },
  INSTALLING: {
    calls: 'wait',
    commands: ['stop', ...always],
    next: ['STARTING', 'STOPPED', 'ERROR', 'QUARANTINED', 'MAINTENANCE'],
    coverable: false,
  },
  STARTING: {
    calls: 'wait',
    commands: ['stop', 'restart', ...always],
    next: [
      'RUNNING',
      'BACKOFF',
      'RECOVERING',
      'STOPPING',
      'STOPPED',
      'ERROR',
      'INSTALLING',
      'QUARANTINED',
      'MAINTENANCE',
    ],
    coverable: true,
  },
  RUNNING: {
    calls: 'run',
    commands: ['stop', 'restart', ...always],
    next: [
      'STARTING',
      'STOPPING',
      'BACKOFF',
      'RECOVERING',
      'STOPPED',
      'ERROR',
      'QUARANTINED',
      'MAINTENANCE',
    ],
    coverable: true,
  },
  STOPPING: {
    calls: 'refuse',
    commands: ['start', 'restart', ...always],
    next: ['STOPPED', 'STARTING', 'ERROR', 'QUARANTINED', 'MAINTENANCE'],
    coverable: false,
  },
  BACKOFF: {
    calls: 'wait',
    commands: ['stop', 'restart', ...always],
    next: [
      'STARTING',
      'INSTALLING',
      'RUNNING',
      'STOPPING',
      'STOPPED',
      'RECOVERING',
      'ERROR',
      'QUARANTINED',
      'MAINTENANCE',
    ],
    coverable: true,
  },
  RECOVERING: {
    calls: 'wait',
    commands: ['stop', 'restart', ...always],
    next: [
      'STARTING',
      'RUNNING',
      'STOPPING',
      'STOPPED',
      'BACKOFF',
      'ERROR',
      'QUARANTINED',
      'MAINTENANCE',
    ],
    coverable: true,
  },
  ERROR: {
    calls: 'refuse',
    commands: ['start', 'stop', 'restart', ...always],
    next: ['STARTING', 'INSTALLING', 'STOPPED', 'MAINTENANCE'],
    coverable: false,
  },
  QUARANTINED: {
    calls: 'refuse',
    commands: ['stop', 'restart', ...always],
    next: [
      'STARTING',
      'INSTALLING',
      'RUNNING',
      'BACKOFF',
      'RECOVERING',
      'STOPPED',
      'STOPPING',
      'ERROR',
      'MAINTENANCE',
    ],
    coverable: false,
  },
  MAINTENANCE: {
    calls: 'wait',
    commands: ['start', 'stop', 'restart', ...always],
    next: [
      'STARTING',
      'INSTALLING',
      'RUNNING',
      'BACKOFF',
      'RECOVERING',
      'STOPPED',
      'STOPPING',
      'ERROR',
      'QUARANTINED',
    ],
    coverable: false,
  },
};

export type Permission = { allowed: true } | { allowed: false; reason: string };

/** Returns the commands that a server in this state accepts. A disabled server cannot start. */
export function possibleCommands(state: ServerState, enabled: boolean): ServerCommand[] {
  return STATES[state].commands.filter((command) => {
    if (command === 'start' || command === 'restart') return enabled;
    if (command === 'enable') return !enabled;
    if (command === 'disable') return enabled;
    return true;
  });
}

/** Whether a server may go from one state to the other; staying is always possible. */
export function mayMove(from: ServerState, to: ServerState): boolean {
  return from === to || STATES[from].next.includes(to);
}
