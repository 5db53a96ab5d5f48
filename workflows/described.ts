/** Descriptions of our messages, as the Temporal UI and CLI show them; by kind, since a signal and an update may share a name. */
const DESCRIPTIONS = {
  update: {
    start: 'Starts the server. Returns its state, or a refusal that lists the available commands.',
    stop: 'Stops the server. Calls in flight get their grace period, waiting calls end without having run.',
    restart: 'Restarts the server. Calls wait meanwhile.',
    reload: 'Applies the current spec from the inventory. An unchanged server keeps running.',
    remove: 'Stops the server and ends this workflow.',
    isolation:
      'Opens or closes the circuit breaker, quarantines, releases, begins or ends maintenance, approves tools.',
    read: 'Returns what this workflow knows, as the details of a rejection, so that it leaves no event.',
    renew: 'Returns an access token that is newer than the given one.',
  },
  signal: {
    start:
      'Same as the update, but without a result. A command that is not possible now is recorded and dropped.',
    stop: 'Same as the update, but without a result. A command that is not possible now is recorded and dropped.',
    restart:
      'Same as the update, but without a result. A command that is not possible now is recorded and dropped.',
    reload:
      'Same as the update, but without a result. A command that is not possible now is recorded and dropped.',
    wake: 'Mainspring only: a call has arrived. Starts the server if it is asleep.',
    sessionReady: 'Mainspring only: the host reports that the server is ready.',
    sessionBackoff:
      'Mainspring only: the host reports that the server crashed and is being restarted.',
    sessionMoved: 'Mainspring only: another host has the session now.',
    sessionHealth: 'Mainspring only: the health of the server has changed.',
    sessionFinding: 'Mainspring only: the host reports a finding about the server.',
    sessionExited: 'Mainspring only: the session has ended.',
    installEnded: 'Mainspring only: the installation of its program has ended.',
    granted: 'Mainspring only: a user has logged in or out.',
  },
  query: {
    snapshot: 'Everything known about the server.',
    report: 'Progress of the installation.',
    reports: 'Progress of each installation.',
  },
} as const;

type Kind = keyof typeof DESCRIPTIONS;

/** Returns the description of a message, among the options of its handler. */
export function described<K extends Kind>(message: {
  type: K;
  name: string;
}): { description: string } {
  const known: Readonly<Record<string, string>> = DESCRIPTIONS[message.type];
  return { description: known[message.name] ?? '' };
}
