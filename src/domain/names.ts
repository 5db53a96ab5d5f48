/** Workflow IDs, activity IDs and task queues. No other file spells them. */

/** Valid server names: a name becomes part of workflow IDs, queue names and file names. */
export const SERVER_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export const CONTROL_QUEUE = 'mainspring';
/** Queue of hosts without labels; see `placementQueue`. */
export const HOST_QUEUE = 'mainspring-hosts';

/**
 * Returns the queue of the servers that require these labels, in whatever order. A host serves those of all subsets of
 * its own.
 */
export function placementQueue(requires: readonly string[] = []): string {
  const labels = [...new Set(requires)].sort();
  return labels.length === 0 ? HOST_QUEUE : `${HOST_QUEUE}:${labels.join('+')}`;
}

/** Returns the queue of installations and validations, which take no server's place: a host at its capacity still does them. */
export function errandQueue(requires: readonly string[] = []): string {
  return placementQueue(requires).replace(HOST_QUEUE, 'mainspring-errands');
}

/** Labels of hosts, which servers require. */
export const HOST_LABEL = /^[a-z0-9][a-z0-9._-]{0,31}$/;

/** Returns a host's own queue: its presence, and orders to it. */
export const hostQueue = (hostId: string) => `mcp:host:${hostId}`;
export const hostActivityId = (hostId: string) => `host/${hostId}`;

export const serverWorkflowId = (name: string) => `mcp-server/${name}`;
export const sessionWorkflowId = (name: string, generation: number, replica = 0) =>
  `mcp-session/${name}/${generation}${replica === 0 ? '' : `.${replica}`}`;

/** Returns the ID of one validation of a server; `id` distinguishes them. */
export const validationWorkflowId = (name: string, id: string) => `mcp-validate/${name}/${id}`;

const SESSION_ID = /^mcp-session\/([^/]+)\/(\d+)(?:\.(\d+))?$/;

export function parseSessionId(
  id: string,
): { name: string; generation: number; replica: number } | undefined {
  const [, name, generation, replica = '0'] = SESSION_ID.exec(id) ?? [];
  if (!name || !generation) return undefined;
  return { name, generation: Number(generation), replica: Number(replica) };
}

export const callQueue = (name: string) => `mcp:srv:${name}`;
export const controlQueue = (name: string, replica = 0) =>
  `mcp:ctl:${name}${replica === 0 ? '' : `/${replica}`}`;

/** Returns the ID of one `health --now`; `id` distinguishes them. */
export const healthActivityId = (name: string, id: string) => `health/${name}/${id}`;
/** Returns the ID of the delivery of one event to one receiver: repeating it is the same delivery. */
export const alertActivityId = (eventId: string, receiver: string) =>
  `alert/${eventId}/${receiver}`;

/** Returns the ID of a host's request for the lock of a program. */
export const lockActivityId = (digest: string) => `lock/${digest}`;

/** Returns the ID of the workflow that renews one grant; `principalDigest` keeps the principal itself out of IDs. */
export const tokenWorkflowId = (server: string, principalDigest: string) =>
  `mcp-token/${server}/${principalDigest}`;

/** Returns a gateway's own queue: requests of servers to the clients of calls that came through it. */
export const gatewayQueue = (gatewayId: string) => `mcp:gw:${gatewayId}`;
/** Returns the ID of the n-th request of a server in the middle of a call or request. */
export const inputRequestActivityId = (callId: string, number: number) => `ask/${callId}/${number}`;
const ASK_ID = /^ask\/(.+)\/(\d+)$/;

export function parseInputRequestId(id: string): { callId: string; number: number } | undefined {
  const [, of, number] = ASK_ID.exec(id) ?? [];
  return of && number ? { callId: of, number: Number(number) } : undefined;
}

/** Returns the ID of a request that is not a call; `id` distinguishes them. */
export const requestActivityId = (server: string, id: string) => `req/${server}/${id}`;

/** Returns the ID of the activity that marks, for as long as it matters, that a key may have a submission of this number. */
export const resubmissionActivityId = (server: string, keyDigest: string, submission: number) =>
  `again/${server}/${keyDigest}~${submission}`;
/** Queue that is never polled: its activities only have to exist. */
export const RESUBMISSION_QUEUE = 'mainspring-resubmissions';

/** Returns the activity ID of a call; `submission` counts how often a key was submitted that did not run before. */
export function callId(server: string, keyDigest: string, submission = 1): string {
  const id = `call/${server}/${keyDigest}`;
  return submission === 1 ? id : `${id}~${submission}`;
}
