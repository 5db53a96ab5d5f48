import { type GatewayTask } from '../../domain/endpoint/gateway-task';
import { RpcError } from '../rpc';
import { RPC } from '../../base/jsonrpc';

type Place = Pick<GatewayTask, 'createdAtMs' | 'taskId'>;

/** Where the next page begins; opaque to clients, and good whatever tasks come and go meanwhile. */
export function cursorAfter({ createdAtMs, taskId }: Place): string {
  return Buffer.from(`${createdAtMs} ${taskId}`).toString('base64url');
}

/** @throws RpcError -32602 when it is not one of ours */
export function afterCursor(cursor: unknown): Place {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : '';
  const [, createdAt, taskId] = /^(\d{1,15}) (.+)$/.exec(text) ?? [];
  if (!taskId) throw new RpcError(RPC.invalidParams, 'Invalid cursor');
  return { createdAtMs: Number(createdAt), taskId };
}
