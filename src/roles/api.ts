import { userInfo } from 'node:os';
import path from 'node:path';
import { ensureHome, type Settings } from '../config';
import { MainspringClient } from '../client/mainspring-client';
import { createGateway } from '../gateway/gateway';
import { watchPolicy } from '../gateway/http/watch-policy';
import { signingKey } from '../inventory/signature';
import { openStore } from '../store/open-store';
import { type TemporalSettings } from '../temporal/connection';
import { connectNative } from '../temporal/native-connection';
import { claimId } from './claim-id';
import { createGatewayWorker } from './gateway-worker';
import { serveApiSocket } from './api-socket';
import { aborted, reportReady, untilStopRequested } from './lifetime';
import { createLogger, installTemporalRuntime } from './logger';

/** Folder in which the ids of gateways are locked. */
const gatewaysFolder = (home: string) => path.join(home, 'gateways');

/** Runs the MCP endpoint until `requested` fires. Resolves with its address. */
export async function runApi(
  settings: Settings,
  temporal: TemporalSettings,
  requested: AbortSignal,
): Promise<{ url: string }> {
  const stop = untilStopRequested(requested);
  const logger = createLogger('api', settings);
  installTemporalRuntime(logger);
  const { home, apiHost: host, apiPort: port, taskAfterMs } = settings;
  await ensureHome(home);
  const policy = await watchPolicy(home, logger, process.env);
  const { id: gatewayId, release } = await claimId(gatewaysFolder(home), 'gateway', undefined);
  const principal = `local:${userInfo().username}`;
  const { namespace } = temporal;
  const [connection, store, key] = await Promise.all([
    connectNative(temporal),
    openStore(home, settings.sqliteSync),
    signingKey(home),
  ]);
  const client = await MainspringClient.connect({ home, connection, namespace, principal });
  const gateway = createGateway({
    client,
    store,
    key,
    gatewayId,
    principal,
    host,
    port,
    taskAfterMs,
    logger,
    policy: () => policy.current(),
  });
  policy.onChange(() => gateway.policyChanged());
  const ask = gateway.requestInput.bind(gateway);
  const worker = await createGatewayWorker({ connection, namespace, key, gatewayId, ask });
  const polling = worker.run();
  const address = await gateway.front.listen();
  const leaveSocket = await serveApiSocket(home, gateway.front, logger);
  const url = `http://${host}:${address.port}`;
  logger.info({ gatewayId, url, temporal: temporal.address }, 'gateway is listening');
  reportReady();
  await Promise.race([aborted(stop), polling]);
  await leaveSocket();
  await gateway.close();
  policy.close();
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await polling;
  await client.close();
  await store.close();
  await connection.close();
  release();
  return { url };
}
