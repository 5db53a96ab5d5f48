/** What each of our messages does, as the Temporal UI and CLI tell it; by kind, since a signal and an update may share a name. */
const DESCRIPTIONS = {
  update: {
    start:
      'Starts the server; answers with what became of it, or a refusal that says what is possible.',
    stop: 'Stops the server: calls in flight get their grace, calls that wait end as not run.',
    restart: 'Restarts the server; calls wait meanwhile.',
    reload: 'Takes the spec that the inventory has now; an unchanged server is left alone.',
    remove: 'Stops the server and ends this workflow.',
    isolation:
      'Opens or closes the circuit, quarantines, releases, begins or ends maintenance, approves tools.',
    read: 'Answers with what this workflow knows, as the details of a rejection: it leaves no event.',
    renew: 'Answers with an access token that is newer than the one named.',
  },
  signal: {
    start: 'As the update, without an answer. What is not possible now is noted and dropped.',
    stop: 'As the update, without an answer. What is not possible now is noted and dropped.',
    restart: 'As the update, without an answer. What is not possible now is noted and dropped.',
    reload: 'As the update, without an answer. What is not possible now is noted and dropped.',
    wake: 'Mainspring only: a call has come. Starts a server that is asleep, and no other.',
    sessionReady: 'Mainspring only: the host says that the server answers.',
    sessionBackoff: 'Mainspring only: the host says that the server crashed and is started again.',
    sessionMoved: 'Mainspring only: another host has the session now.',
    sessionHealth: 'Mainspring only: the health of the server has changed.',
    sessionFinding: 'Mainspring only: the host has found something out about the server.',
    sessionExited: 'Mainspring only: the session is over.',
    installEnded: 'Mainspring only: the installation of its program is over.',
    granted: 'Mainspring only: somebody has logged in or out.',
  },
  query: {
    snapshot: 'All that is known of the server.',
    report: 'How the installation stands.',
    reports: 'How each of the installations stands.',
  },
} as const;

type Kind = keyof typeof DESCRIPTIONS;

/** The description of a message, among the options of its handler. */
export function described<K extends Kind>(message: {
  type: K;
  name: string;
}): { description: string } {
  const known: Readonly<Record<string, string>> = DESCRIPTIONS[message.type];
  return { description: known[message.name] ?? '' };
}
