import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { type Connection, type ConnectionLike } from '@temporalio/client';
import { loadSettings } from '../config';
import { type CallOutcome } from '../domain/calls/calls';
import { MainspringError } from '../base/errors';
import { signingKey } from '../inventory/signature';
import { openStore } from '../store/open-store';
import { connectClient } from '../temporal/connection';
import { signedClient } from '../temporal/signed-client';
import { type Alert } from '../domain/alerts/alerts';
import { type AlertFilter, Alerts } from './alerts';
import { InputRequests } from './calls/input-requests';
import { type CallContext } from './calls/call-context';
import { type CallHandle } from './calls/call-handle';
import {
  type CallHooks,
  callRequest,
  type CallToolOptions,
  type ToolCall,
} from './calls/call-request';
import { CallRouter } from './calls/call-router';
import { Calls } from './calls/calls';
import { type ClientInternals } from './client-internals';
import { type ClientContext } from './context';
import { Entities } from './servers/entities';
import { Events } from './events';
import { HealthReports } from './health';
import { locateTemporal } from '../offline/locate-temporal';
import { outcomeOfRefusal, outcomeOfTrouble } from './calls/call-outcome';
import { DirectHandles } from './calls/direct-handles';
import { HostSockets } from './host-sockets/host-sockets';
import { Hosts } from './hosts';
import { mapParallel } from '../async/map-parallel';
import { Installs } from './installs';
import { listSource } from './listings/list-source';
import { Listings } from './listings/listings';
import { Logins } from './logins';
import { Profiles } from '../offline/profiles';
import { Requests } from './calls/requests';
import { Servers } from './servers/servers';
import { Snapshots } from './servers/snapshots';
import { Tools } from './servers/tools';
import { Validation } from './validation';
import { OnDemandServers } from './servers/on-demand';
import { type JsonObject } from '../base/json';

export interface ConnectOptions {
  /** The data directory; default MAINSPRING_HOME or the XDG data folder. */
  home?: string;
  /** An existing connection to Temporal; it stays open when the client is closed. */
  connection?: ConnectionLike;
  /** host:port of Temporal; default the running instance of `home`, or TEMPORAL_ADDRESS. */
  address?: string;
  namespace?: string;
  /** Principal: scopes idempotency keys. Default `local:<user name>`. */
  principal?: string;
}

const DEFAULT_PARALLEL = 16;

/** Reads the internals of a client: only the class itself can access its private members. */
let readInternals: (client: MainspringClient) => ClientInternals;

/**
 * Client for everything that can be done with an instance of Mainspring.
 *
 * @example
 * const mainspring = await MainspringClient.connect();
 * await mainspring.servers.add('mine', { command: 'node', args: ['server.js'] });
 * const outcome = await mainspring.callTool('mine', 'echo', { text: 'hello' }, { idempotencyKey: 'echo-1' });
 * if (outcome.outcome === 'ok') console.log(JSON.stringify(outcome.result));
 * else console.error(outcome.error);
 * await mainspring.close();
 */
export class MainspringClient {
  readonly servers: Servers;
  readonly tools: Tools;
  readonly calls: Calls;
  readonly events: Events;
  readonly profiles: Profiles;
  readonly installs: Installs;
  readonly hosts: Hosts;
  readonly validation: Validation;
  readonly health: HealthReports;
  readonly alerts: Alerts;
  readonly logins: Logins;
  readonly #internals: ClientInternals;
  readonly #router: CallRouter;

  static {
    readInternals = (client) => client.#internals;
  }

  private constructor(
    private readonly context: ClientContext,
    private readonly ownConnection: Connection | undefined,
  ) {
    const snapshots = new Snapshots(context);
    const entities = new Entities(context, snapshots);
    const onDemand = new OnDemandServers(context, snapshots, entities);
    const callContext: CallContext = { ...context, snapshots, onDemand };
    const handles = new DirectHandles();
    const sockets = new HostSockets(context.home);
    this.servers = new Servers(context, entities);
    this.tools = new Tools(context, snapshots, onDemand);
    this.calls = new Calls(callContext, handles);
    this.events = new Events(context);
    this.profiles = new Profiles(context.home);
    this.installs = new Installs(context);
    this.hosts = new Hosts(context);
    this.validation = new Validation(context, this.servers);
    this.health = new HealthReports(context, this.servers);
    this.alerts = new Alerts(context, this.events);
    this.logins = new Logins(context, this.servers);
    this.#router = new CallRouter({ context: callContext, tools: this.tools, sockets, handles });
    this.#internals = {
      requests: new Requests(callContext),
      inputRequests: new InputRequests(context),
      listings: new Listings(listSource(context, snapshots)),
      sockets,
    };
  }

  /**
   * Connects to a running instance.
   *
   * @throws MainspringError NOT_RUNNING, TEMPORAL_UNREACHABLE, STORE_FAILED
   */
  static async connect(options: ConnectOptions = {}): Promise<MainspringClient> {
    const { home, sqliteSync } = loadSettings(process.env, { home: options.home });
    const { connection, namespace, own } = await connect(home, options);
    try {
      const key = await signingKey(home);
      const context: ClientContext = {
        home,
        key,
        client: signedClient(key, {
          connection,
          namespace,
          workflow: { queryRejectCondition: 'NOT_OPEN' },
        }),
        store: await openStore(home, sqliteSync),
        principal: options.principal ?? `local:${userInfo().username}`,
      };
      return new MainspringClient(context, own);
    } catch (error) {
      await own?.close();
      throw error;
    }
  }

  /**
   * Calls a tool and waits for its outcome. It resolves for every outcome, including refusals; it throws only when
   * Mainspring itself cannot be reached. The same key may then simply be submitted again.
   *
   * @param args - checked against the tool's schema before anything is sent
   * @param options - `onStart` gets the handle of the call as soon as Temporal has it, which direct and cached ones never
   *   reach; `signal` cancels the call
   */
  callTool(
    server: string,
    tool: string,
    args: JsonObject = {},
    options: CallToolOptions & CallHooks = {},
  ): Promise<CallOutcome> {
    const { onStart, onSend, signal, ...more } = options;
    return this.#call({ ...more, server, tool, args }, { onStart, onSend, signal });
  }

  /** Calls many tools, at most `parallel` (default 16) at once; outcomes come in the order of the calls. */
  async callTools(
    calls: readonly ToolCall[],
    { parallel = DEFAULT_PARALLEL }: { parallel?: number } = {},
  ): Promise<CallOutcome[]> {
    if (!Number.isInteger(parallel) || parallel < 1) {
      const message = `"parallel" is ${parallel}; expected a whole number of at least 1.`;
      throw new MainspringError('WRONG_USAGE', message, { fix: 'Omit it to use the default.' });
    }
    return mapParallel(calls, parallel, async (call) => {
      const { correlationId = randomUUID() } = call;
      const identified = { ...call, correlationId };
      return this.#call(identified, {}).catch((error: unknown) =>
        outcomeOfTrouble(identified, error),
      );
    });
  }

  /**
   * Submits a call and returns as soon as Temporal has it: its id gives the result in any process.
   *
   * @throws MainspringError when the call is refused: then it did not run
   */
  async startCall(
    server: string,
    tool: string,
    args: JsonObject = {},
    options: CallToolOptions = {},
  ): Promise<CallHandle> {
    const call = { ...options, server, tool, args };
    return this.#router.start(callRequest(call, this.context.principal));
  }

  /**
   * Calls `listener` when servers fail and recover, until the returned function is called or the client is closed.
   *
   * @example
   * const stop = mainspring.onAlert(({ text }) => console.error(text), { kinds: ['critical'] });
   */
  onAlert(listener: (alert: Alert) => void, filter?: AlertFilter): () => void {
    return this.alerts.on(listener, filter);
  }

  /**
   * Closes the client; submitted calls continue. Await what this process waits for first: Temporal's client does not
   * outlive its connection.
   */
  async close(): Promise<void> {
    const { listings, sockets } = this.#internals;
    listings.close();
    await this.alerts.close();
    await sockets.close();
    await this.#router.close();
    await this.context.store.close();
    await this.ownConnection?.close();
  }

  async #call(call: ToolCall, hooks: CallHooks): Promise<CallOutcome> {
    const request = callRequest(call, this.context.principal);
    try {
      return await this.#router.run(request, hooks);
    } catch (error) {
      return outcomeOfRefusal(request, error);
    }
  }
}

/**
 * The parts of a client that are for our own gateway (internal.ts).
 *
 * @internal
 */
export function internalsOf(client: MainspringClient): ClientInternals {
  return readInternals(client);
}

async function connect(home: string, options: ConnectOptions) {
  const { connection, address } = options;
  if (connection) return { connection, namespace: options.namespace, own: undefined };
  const settings = address ? { address, namespace: 'default' } : await locateTemporal(home);
  const namespace = options.namespace ?? settings.namespace;
  const own = await connectClient({ ...settings, namespace });
  return { connection: own, namespace, own };
}
