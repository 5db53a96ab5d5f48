import { type CallHeartbeat, type CallProgress } from '../../src/domain/calls/calls';
import { type CallOptions } from '../../src/mcp/calls/open-call';
import { type RequestingCall, CallInputRequests } from './call-input-requests';
import { type HostDeps } from '../deps';
import { heartbeatLazily } from './lazy-heartbeats';
import { type JsonObject } from '../../src/base/json';

/** Call or request that goes to its server now; it need not have come through a gateway. */
export type LiveCall = Omit<RequestingCall, 'origin'> & Partial<Pick<RequestingCall, 'origin'>>;

/** Callbacks for what the server sends besides the answer. */
type Listening = Pick<CallOptions, 'client' | 'onProgress' | 'onNotification'>;

/**
 * Keeps a call connected with its client while the server works on it: input requests and notifications go to the
 * gateway, progress also into the heartbeats.
 */
export async function withGateway(
  { client, notices }: Pick<HostDeps, 'client' | 'notices'>,
  call: LiveCall,
  beat: (details: Pick<CallHeartbeat, 'progress' | 'asks'>) => void,
  work: (listening: Listening) => Promise<JsonObject>,
): Promise<JsonObject> {
  const { server, callId, origin } = call;
  let progress: CallProgress | undefined;
  const heartbeats = heartbeatLazily(() => {
    const asks = asking?.pending ?? [];
    beat({ ...(progress && { progress }), ...(asks.length > 0 && { asks }) });
  });
  const asking =
    origin && new CallInputRequests(client, { ...call, origin }, () => heartbeats.now());
  const of = { server, callId, ...(origin && { gateway: origin.gateway }) };
  let hasTold = false;
  const tell = (method: string, params: object) => {
    if (!origin) return;
    hasTold = true;
    notices.publish({ type: 'notification', ...of, method, params: { ...params } });
  };
  try {
    return await work({
      ...(asking && { client: asking }),
      onProgress(step) {
        progress = step;
        tell('notifications/progress', step);
      },
      onNotification: tell,
    });
  } finally {
    heartbeats.stop();
    if (hasTold) notices.publish({ type: 'ended', ...of }); // nobody waits for the end of nothing
  }
}
