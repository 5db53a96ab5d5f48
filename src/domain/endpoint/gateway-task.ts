export const TASK_POLL_INTERVAL_MS = 1_000;

/** Tool call that a client follows as a task. Its status is what Temporal knows of the call; this record holds its owner. */
export interface GatewayTask {
  /** Activity id of the call. */
  taskId: string;
  principal: string;
  /** Endpoint that it was made through, as text: its names and URIs are those of that endpoint. */
  scope: string;
  server: string;
  /** Name as clients see it. */
  tool: string;
  createdAtMs: number;
  /** Time to live from `createdAtMs`. */
  ttlMs: number;
  /** Time at which the client requested to cancel it, in ms. */
  cancelledAtMs?: number;
}
