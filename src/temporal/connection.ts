import { Connection } from '@temporalio/client';
import { MainspringError } from '../base/errors';
import { type TemporalSettings } from './settings';

const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Connects a client without loading the worker's native library. Fails with TEMPORAL_UNREACHABLE
 * after a few seconds.
 */
export async function connectClient(settings: TemporalSettings): Promise<Connection> {
  const { namespace: _namespace, ...options } = settings;
  // Not Connection.connect: if that fails, it leaves its socket open.
  const connection = Connection.lazy({ ...options, connectTimeout: CONNECT_TIMEOUT_MS });
  try {
    await connection.ensureConnected();
    // ensureConnected also succeeds with a gRPC server that is not Temporal.
    const deadline = Date.now() + CONNECT_TIMEOUT_MS;
    await connection.withDeadline(deadline, () => connection.workflowService.getSystemInfo({}));
    return connection;
  } catch (error) {
    await connection.close();
    throw unreachable(settings.address, error);
  }
}

/** Reports a failed connection in the same way everywhere. */
export function unreachable(address: string, cause: unknown): MainspringError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MainspringError(
    'TEMPORAL_UNREACHABLE',
    `cannot connect to Temporal at ${address}: ${reason}`,
    { cause },
  );
}
