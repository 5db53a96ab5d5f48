import { type Logger } from 'pino';
import { type InputResponse, type ClientInputRequest } from '../domain/calls/input-requests';
import { type GatewayPolicy, limitsOf } from '../domain/endpoint/gateway-policy';
import { internalsOf, type MainspringClient } from '../client/internal';
import { type Store } from '../store/store';
import { VERSION } from '../base/version';
import { createEndpointViews } from './endpoint/endpoint-views';
import { createFront, type Front } from './http/front';
import { createLegacyEra, type LegacyEra } from './legacy/legacy-era';
import { WaitingRequests } from './calls/waiting-requests';
import { createModernEra } from './modern/modern-era';
import { createOperations } from './operations';
import { createLegacyTasks } from './tasks/legacy-tasks';
import { type TaskCalls, Tasks } from './tasks/tasks';
import { Usage } from './usage';

export interface GatewayOptions {
  client: MainspringClient;
  store: Store;
  /** Key of the data directory: signs and encrypts data that clients carry for us. */
  key: Buffer;
  /** Stable over restarts: the address for servers' input requests. */
  gatewayId: string;
  /** Principal of clients without a key. */
  principal: string;
  /** Returns the current policy. */
  policy: () => GatewayPolicy;
  host: string;
  /** 0 picks a free port. */
  port: number;
  /** Milliseconds after which a call becomes a task, for clients that support tasks. */
  taskAfterMs: number;
  logger: Logger;
}

/** Endpoints for all servers during the life of this process. */
export interface Gateway {
  readonly front: Front;
  /** Sends an input request to the client of the call; rejects only when `signal` fires. */
  requestInput(input: ClientInputRequest, signal: AbortSignal): Promise<InputResponse>;
  /** Disconnects clients that the changed policy no longer admits. */
  policyChanged(): void;
  /**
   * Accepts nothing new; requests in flight get a grace period, and waiting clients reconnect to
   * the next process.
   */
  close(): Promise<void>;
}

/** Connects the parts of a gateway; it listens once `front.listen` is called. */
export function createGateway(options: GatewayOptions): Gateway {
  const { client, store, key, gatewayId } = options;
  const { requests, inputRequests, listings, sockets } = internalsOf(client);
  const catalogues = createEndpointViews({ listings, sockets });
  const live: WaitingRequests = new WaitingRequests((...args) =>
    legacy.requestFromSession(...args),
  );
  const usage = new Usage((principal) => limitsOf(options.policy(), principal));
  const fromClient = { client, requests, inputRequests, sockets };
  const operations = createOperations({ ...fromClient, catalogues, live, usage, gatewayId });
  const shared = { operations, catalogues, usage, key, sockets, version: VERSION };
  const tasks = new Tasks({ operations, calls: callsOf(client), store: store.gatewayTasks });
  const pendingInputRequests = (callId: string) => inputRequests.pending(callId);
  const legacy: LegacyEra = createLegacyEra({
    ...shared,
    store: store.gatewaySessions,
    tasks: createLegacyTasks({ tasks, operations, pendingInputRequests }),
  });
  const modern = createModernEra({
    ...shared,
    tasks,
    pendingInputRequests,
    tasksAfterMs: options.taskAfterMs,
  });
  sockets.listenAs(gatewayId);
  const stopNotices = sockets.onNotice((notice) => {
    if (notice.type !== 'notification' || notice.callId === undefined) return;
    live.notify(notice.callId, notice.method, notice.params);
  });
  const front = createFront({
    ...options,
    usage,
    eras: { legacy, modern: { ...modern.http, ...modern.duplex } },
  });
  return {
    front,
    requestInput: (input, signal) => live.requestInput(input, signal),
    policyChanged() {
      front.policyChanged();
      legacy.dismiss(front.knows);
    },
    async close() {
      modern.close();
      legacy.close();
      await front.close();
      stopNotices();
      catalogues.close();
    },
  };
}

function callsOf({ calls }: MainspringClient): TaskCalls {
  return {
    look: (callId) => calls.look(callId),
    cancel: async (callId, reason) => (await calls.get(callId)).cancel(reason),
  };
}
