import { Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { MainspringError } from '../base/errors';

const CONNECT_TIMEOUT_MS = 3_000;
const DEFAULT_NAMESPACE = 'default';

/** Address of a Temporal cluster and credentials for it. */
export interface TemporalSettings {
  /** host:port */
  address: string;
  namespace: string;
  tls?: ConnectionOptions['tls'];
  apiKey?: string;
  metadata?: ConnectionOptions['metadata'];
}

/**
 * Returns the cluster that the standard TEMPORAL_* variables name (address, namespace, TLS, API
 * key), or undefined if they name none. A file with profiles is read only if TEMPORAL_CONFIG_FILE
 * or TEMPORAL_PROFILE is set: a setup of the Temporal CLI must not decide where Mainspring runs.
 */
export function temporalSettings(env: NodeJS.ProcessEnv): TemporalSettings | undefined {
  const variables = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { connectionOptions, namespace = DEFAULT_NAMESPACE } = load(variables);
  const { address, tls, apiKey, metadata } = connectionOptions;
  if (!address) return undefined;
  return {
    address,
    namespace,
    ...(tls !== undefined && { tls }),
    ...(apiKey !== undefined && { apiKey }),
    ...(metadata !== undefined && { metadata }),
  };
}

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

function load(variables: Record<string, string>) {
  try {
    return loadClientConnectConfig({
      overrideEnvVars: variables,
      disableFile: !variables.TEMPORAL_CONFIG_FILE && !variables.TEMPORAL_PROFILE,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MainspringError('INVALID_CONFIG', `the TEMPORAL_* variables: ${reason}`, {
      fix: 'Correct the variable or the file that it points to.',
      cause: error,
    });
  }
}
