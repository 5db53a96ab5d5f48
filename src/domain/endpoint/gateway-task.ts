export const TASK_POLL_INTERVAL_MS = 1_000;

/** A tool call that a client follows as a task. How it stands is what Temporal knows of the call; this says whose it is. */
export interface GatewayTask {
  /** Activity id of the call. */
  taskId: string;
  principal: string;
  /** Endpoint that it was made through, as text: its names and URIs are those of that endpoint. */
  scope: string;
  server: string;
  /** As clients see it. */
  tool: string;
  createdAtMs: number;
  /** From `createdAtMs`. */
  ttlMs: number;
  /** When the client asked to cancel it. */
  cancelledAtMs?: number;
}
