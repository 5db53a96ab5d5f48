import { userInfo } from 'node:os';
import path from 'node:path';
import { MainspringClient } from '../client/mainspring-client';
import { createGateway } from '../gateway/gateway';
import { watchPolicy } from '../gateway/http/watch-policy';
import { serveApiSocket } from './api-socket';
import { claimId } from './claim-id';
import { createGatewayWorker } from './gateway-worker';
import { type RoleContext, type RunningRole } from './role-context';

/** Folder in which the ids of gateways are locked. */
const gatewaysFolder = (home: string) => path.join(home, 'gateways');

/** Starts the MCP endpoint. */
export async function startApi(context: RoleContext): Promise<RunningRole> {
  const { settings, temporal, connection, store, key, logger } = context;
  const { home, apiHost: host, apiPort: port, taskAfterMs } = settings;
  const policy = await watchPolicy(home, logger, process.env);
  const { id: gatewayId, release } = await claimId(gatewaysFolder(home), 'gateway', undefined);
  const principal = `local:${userInfo().username}`;
  const { namespace } = temporal;
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
  const ended = worker.run();
  const address = await gateway.front.listen();
  const leaveSocket = await serveApiSocket(home, gateway.front, logger);
  const url = `http://${host}:${address.port}`;
  logger.info({ gatewayId, url, temporal: temporal.address }, 'gateway is listening');
  return {
    name: url,
    ended,
    async stop() {
      await leaveSocket();
      await gateway.close();
      policy.close();
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
      await client.close();
      release();
    },
  };
}
