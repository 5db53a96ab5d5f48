/** Workflow ids, activity ids and task queues. No other file spells them. */

/** What a server may be called: it becomes part of workflow ids, queue names and file names. */
export const SERVER_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export const CONTROL_QUEUE = 'mainspring';
export const HOST_QUEUE = 'mainspring-hosts';

export const serverWorkflowId = (name: string) => `mcp-server/${name}`;
export const sessionWorkflowId = (name: string, generation: number) =>
  `mcp-session/${name}/${generation}`;

/** Of one validation of a server; `id` tells them apart. */
export const validationWorkflowId = (name: string, id: string) => `mcp-validate/${name}/${id}`;

const SESSION_ID = /^mcp-session\/([^/]+)\/(\d+)$/;

export function parseSessionId(id: string): { name: string; generation: number } | undefined {
  const [, name, generation] = SESSION_ID.exec(id) ?? [];
  return name && generation ? { name, generation: Number(generation) } : undefined;
}

export const callQueue = (name: string) => `mcp:srv:${name}`;
export const controlQueue = (name: string) => `mcp:ctl:${name}`;

const CALL_ID = /^call\/([^/]+)\/([0-9a-f]{64})(?:~(\d+))?$/;

/** Activity id of a call; `submission` counts how often a key was submitted that did not run before. */
export function callId(server: string, keyDigest: string, submission = 1): string {
  const id = `call/${server}/${keyDigest}`;
  return submission === 1 ? id : `${id}~${submission}`;
}

export function parseCallId(
  id: string,
): { server: string; keyDigest: string; submission: number } | undefined {
  const [, server, keyDigest, submission] = CALL_ID.exec(id) ?? [];
  if (!server || !keyDigest) return undefined;
  return { server, keyDigest, submission: submission ? Number(submission) : 1 };
}
