import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { signedOnly } from '../../activities/refuse-unsigned';
import { type GatewayActivities } from '../domain/activity-types';
import { type InputResponse, type ClientInputRequest } from '../domain/calls/input-requests';
import { gatewayQueue } from '../domain/names';

/** Most input requests that wait for clients at once; more wait in Temporal. */
const MAX_OPEN_INPUT_REQUESTS = 2_000;
const HEARTBEAT_INTERVAL_MS = 1_000;

export interface GatewayWorkerOptions {
  connection: NativeConnection;
  namespace: string;
  key: Buffer;
  gatewayId: string;
  /** Sends an input request to a client; rejects only when `signal` fires. */
  ask(input: ClientInputRequest, signal: AbortSignal): Promise<InputResponse>;
}

/** Creates the worker of a gateway's queue: input requests of servers to the clients of calls that came through it. */
export function createGatewayWorker(options: GatewayWorkerOptions): Promise<Worker> {
  const { connection, namespace, gatewayId, key } = options;
  const activities: GatewayActivities = { askClient: (input) => askClient(options, input) };
  return Worker.create({
    connection,
    namespace,
    ...signedOnly(key),
    taskQueue: gatewayQueue(gatewayId),
    activities: { ...activities },
    maxConcurrentActivityTaskExecutions: MAX_OPEN_INPUT_REQUESTS,
    maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
    shutdownForceTime: HEARTBEAT_INTERVAL_MS,
  });
}

async function askClient(
  options: GatewayWorkerOptions,
  input: ClientInputRequest,
): Promise<InputResponse> {
  const context = Context.current();
  const heartbeat = setInterval(() => context.heartbeat(), HEARTBEAT_INTERVAL_MS);
  try {
    return await options.ask(input, context.cancellationSignal);
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    if (context.cancellationDetails?.cancelRequested) throw new CancelledFailure(message);
    // The next process of this gateway sends it again.
    throw ApplicationFailure.create({ message, type: 'HOST_LOST', nextRetryDelay: '1 ms' });
  } finally {
    clearInterval(heartbeat);
  }
}
