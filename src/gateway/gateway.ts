import { type Logger } from 'pino';
import { type InputResponse, type ClientInputRequest } from '../domain/calls/input-requests';
import { type GatewayPolicy, limitsOf } from '../domain/endpoint/gateway-policy';
import { internalsOf, type MainspringClient } from '../client/internal';
import { type Store } from '../store/store';
import { VERSION } from '../base/version';
import { createEndpointViews } from './endpoint/endpoint-views';
import { createFront, type Front } from './http/front';
import { createLegacyEra, type LegacyEra } from './legacy/legacy-era';
import { LiveCalls } from './calls/live-calls';
import { createModernEra } from './modern/modern-era';
import { createOperations } from './operations';
import { createLegacyTasks } from './tasks/legacy-tasks';
import { type TaskCalls, Tasks } from './tasks/tasks';
import { Usage } from './usage';

export interface GatewayOptions {
  client: MainspringClient;
  store: Store;
  /** The data directory's: seals what clients carry for us. */
  key: Buffer;
  /** Stays the same over restarts: where what servers ask goes. */
  gatewayId: string;
  /** Of clients without a key of their own. */
  principal: string;
  /** The one that counts now. */
  policy: () => GatewayPolicy;
  host: string;
  /** 0 is any free one. */
  port: number;
  /** Milliseconds after which a call becomes a task, for clients that can follow one. */
  taskAfterMs: number;
  logger: Logger;
}

/** One endpoint for all servers, as long as this process lives. */
export interface Gateway {
  readonly front: Front;
  /** Puts what a server asks to the client of the call; rejects only when `signal` fires. */
  ask(input: ClientInputRequest, signal: AbortSignal): Promise<InputResponse>;
  /** To be called after the policy has changed: who may not be here any more is sent away. */
  policyChanged(): void;
  /** Takes nothing new; what is in flight gets its grace, and what clients wait for is with the next process. */
  close(): Promise<void>;
}

/** Puts the parts of a gateway together; it listens when `front.listen` is called. */
export function createGateway(options: GatewayOptions): Gateway {
  const { client, store, key, gatewayId } = options;
  const { requests, inputRequests, listings, sockets } = internalsOf(client);
  const catalogues = createEndpointViews({ listings, sockets });
  const live: LiveCalls = new LiveCalls((...asked) => legacy.askSession(...asked));
  const usage = new Usage((principal) => limitsOf(options.policy(), principal));
  const fromClient = { client, requests, inputRequests, sockets };
  const operations = createOperations({ ...fromClient, catalogues, live, usage, gatewayId });
  const shared = { operations, catalogues, usage, key, sockets, version: VERSION };
  const tasks = new Tasks({ operations, calls: callsOf(client), store: store.gatewayTasks });
  const pendingAsks = (callId: string) => inputRequests.pending(callId);
  const legacy: LegacyEra = createLegacyEra({
    ...shared,
    store: store.gatewaySessions,
    tasks: createLegacyTasks({ tasks, operations, pendingAsks }),
  });
  const modern = createModernEra({
    ...shared,
    tasks,
    pendingAsks,
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
    ask: (input, signal) => live.ask(input, signal),
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
