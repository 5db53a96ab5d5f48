import { type ConnectionOptions } from '@temporalio/client';
import { MainspringError } from '../base/errors';

const DEFAULT_NAMESPACE = 'default';

/**
 * Returns the cluster that the standard TEMPORAL_* variables name (address, namespace, TLS, API
 * key), or undefined if they name none. A file with profiles is read only if TEMPORAL_CONFIG_FILE
 * or TEMPORAL_PROFILE is set: a setup of the Temporal CLI must not decide where Mainspring runs.
 */
export async function temporalSettings(
  env: NodeJS.ProcessEnv,
): Promise<TemporalSettings | undefined> {
  // Most instances have their own Temporal, and need not load what reads the variables.
  if (!Object.keys(env).some((name) => name.startsWith('TEMPORAL_'))) return undefined;
  const variables = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { connectionOptions, namespace = DEFAULT_NAMESPACE } = await load(variables);
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

/** Address of a Temporal cluster and credentials for it. */
export interface TemporalSettings {
  /** host:port */
  address: string;
  namespace: string;
  tls?: ConnectionOptions['tls'];
  apiKey?: string;
  metadata?: ConnectionOptions['metadata'];
}

async function load(variables: Record<string, string>) {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
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
