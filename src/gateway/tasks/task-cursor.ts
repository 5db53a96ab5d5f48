import { type GatewayTask } from '../../domain/endpoint/gateway-task';
import { RpcError } from '../rpc';
import { RPC } from '../../base/jsonrpc';

type TaskPosition = Pick<GatewayTask, 'createdAtMs' | 'taskId'>;

/**
 * Returns the cursor of the next page. It is opaque to clients, and stays valid while tasks are
 * added or removed.
 */
export function cursorAfter({ createdAtMs, taskId }: TaskPosition): string {
  return Buffer.from(`${createdAtMs} ${taskId}`).toString('base64url');
}

/** @throws RpcError -32602 when it is not a valid cursor */
export function afterCursor(cursor: unknown): TaskPosition {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : '';
  const [, createdAt, taskId] = /^(\d{1,15}) (.+)$/.exec(text) ?? [];
  if (!taskId) throw new RpcError(RPC.invalidParams, 'Invalid cursor');
  return { createdAtMs: Number(createdAt), taskId };
}
