import { type Json } from '../domain/calls';
import { MainspringError, reportOf, type ErrorReport } from '../domain/errors';
import { type IsolationOrder } from '../domain/isolation';
import { type ServerSnapshot } from '../domain/messages';
import { isUnschedulable } from '../domain/observation';
import { whyUnplaced } from '../domain/placement';
import { type ServerStatus, type ServerSummary } from '../domain/status';
import { checkEntry } from '../inventory/check-entry';
import { type ServerEntry } from '../inventory/config-schema';
import {
  type InventoryServer,
  readInventory,
  tableOf,
  updateInventory,
} from '../inventory/inventory';
import { addServer, removeServers } from '../inventory/merge';
import { type ServerSpec } from '../domain/spec';
import { specOf } from '../inventory/normalise';
import { checkOrder } from './check-order';
import { type ClientContext } from './context';
import { Hosts } from './hosts';
import { inParallel } from './in-parallel';
import { type CommandOptions, type Entities, type EntityUpdate } from './entities';
import { unknownServer } from './near-names';
import {
  type ConfigChange,
  type ConfigFile,
  mergeConfigs,
  originsOf,
  readConfigFiles,
} from './origins';
import { viewSession } from './session-view';
import { statusOf, summaryOf } from './status-of';

export { type CommandOptions };

export interface AddOptions extends CommandOptions {
  /** Start it now; default true, unless the entry says `autostart: false` or is disabled. */
  start?: boolean;
  /** Relative paths in the entry start here; default the working directory. */
  baseDir?: string;
  /** The file or template that describes it. */
  from?: string;
}

/** Servers that are looked at, or brought in line, at the same time: a thousand at once would fill memory. */
const SERVERS_AT_ONCE = 64;

/** The servers of an instance. */
export class Servers {
  readonly #hosts: Hosts;

  constructor(
    private readonly context: ClientContext,
    private readonly entities: Entities,
  ) {
    this.#hosts = new Hosts(context);
  }

  /** Every server of the inventory, by name. */
  async list(): Promise<ServerSummary[]> {
    return (await this.statuses()).map(summaryOf);
  }

  /** Everything about every server, by name. */
  async statuses(): Promise<ServerStatus[]> {
    const { servers } = await readInventory(this.context.home);
    const records = Object.entries(servers).sort(([a], [b]) => (a < b ? -1 : 1));
    return inParallel(records, SERVERS_AT_ONCE, (known) => this.#look(...known));
  }

  /**
   * Everything about one server.
   *
   * @throws MainspringError UNKNOWN_SERVER, with near matches
   */
  async get(name: string): Promise<ServerStatus> {
    return this.#look(name, await this.#record(name));
  }

  /**
   * Adds a server to the inventory and starts it.
   *
   * @param entry - as in `{"mcpServers": {name: entry}}`
   * @throws MainspringError NAME_TAKEN, INVALID_NAME, INVALID_CONFIG, or why it did not start
   */
  async add(name: string, entry: ServerEntry, options: AddOptions = {}): Promise<ServerStatus> {
    const checked = checkEntry(name, entry);
    const { baseDir = process.cwd(), from } = options;
    const added = { entry: checked, baseDir, from, nowMs: Date.now() };
    await updateInventory(this.context.home, (inventory) => addServer(inventory, name, added));
    const record = await this.#record(name);
    const spec = specOf(name, record);
    if (!isOnDemand(spec)) await this.entities.ensure(name, record);
    if (!(options.start ?? startsByItself(spec))) return this.get(name);
    return this.start(name, options).catch((error: unknown) => {
      throw wasAdded(name, error);
    });
  }

  /** Stops a server and forgets it. */
  async remove(name: string, options?: CommandOptions): Promise<void> {
    await this.#record(name);
    const { home, store } = this.context;
    await updateInventory(home, (inventory) => removeServers(inventory, [name]));
    await this.entities.remove(name, options);
    const kept = [store.catalogue, store.offers, store.health];
    await Promise.all([...kept.map((stored) => stored.remove(name)), store.grants.removeAll(name)]);
  }

  /** Starts a server; resolves when it is RUNNING, and throws why it is not. */
  async start(name: string, options?: CommandOptions): Promise<ServerStatus> {
    return this.#command(name, 'startUpdate', options);
  }

  /** Stops a server: calls in flight get the grace of its spec, then its process is ended. */
  async stop(name: string, options?: CommandOptions): Promise<ServerStatus> {
    return this.#command(name, 'stopUpdate', options);
  }

  /** Restarts a server; calls wait meanwhile. */
  async restart(name: string, options?: CommandOptions): Promise<ServerStatus> {
    return this.#command(name, 'restartUpdate', options);
  }

  /** Takes the spec that the inventory has now; an unchanged server is left alone. */
  async reload(name: string, options?: CommandOptions): Promise<ServerStatus> {
    return this.#command(name, 'reloadUpdate', options);
  }

  /**
   * Circuit breaker, quarantine, maintenance and approval of tools.
   *
   * @throws MainspringError TRANSITION_REFUSED, with what would be possible; WRONG_USAGE
   */
  async order(
    name: string,
    order: IsolationOrder,
    options?: CommandOptions,
  ): Promise<ServerStatus> {
    checkOrder(order);
    const record = await this.#record(name);
    return this.#status(name, record, await this.entities.order(name, record, order, options));
  }

  /** Allows a server to start again; does not start it. */
  async enable(name: string, options?: CommandOptions): Promise<ServerStatus> {
    await this.#setEnabled(name, true);
    return this.reload(name, options);
  }

  /** Stops a server and keeps it from starting. */
  async disable(name: string, options?: CommandOptions): Promise<ServerStatus> {
    await this.#setEnabled(name, false);
    return this.reload(name, options);
  }

  /** Sets (or with undefined removes) one member of the server's free metadata; returns all of it. */
  async setMeta(name: string, key: string, value: Json | undefined): Promise<Record<string, Json>> {
    await this.#change(name, (record) => {
      const { [key]: _old, ...rest } = record.meta;
      return { ...record, meta: value === undefined ? rest : { ...rest, [key]: value } };
    });
    return (await this.get(name)).meta;
  }

  /** Reads the config files again that servers came from; `reload` and `sync` make the changes take effect. */
  async readOrigins(name?: string): Promise<ConfigChange[]> {
    const { home } = this.context;
    if (name !== undefined) await this.#record(name);
    return this.mergeConfigs(await readConfigFiles(originsOf(await readInventory(home), name)));
  }

  /** Takes over what config files say into the inventory; `sync` makes it take effect. */
  async mergeConfigs(configs: readonly ConfigFile[]): Promise<ConfigChange[]> {
    return mergeConfigs(this.context.home, configs);
  }

  /**
   * Brings Temporal in line with the inventory: new servers are added (and started, if they start by
   * themselves), changed ones reloaded, and what is not in it any more is ended. One that cannot be brought in
   * line does not keep the others from it; it is returned with its error.
   */
  async sync({ wait = false }: Pick<CommandOptions, 'wait'> = {}): Promise<
    { name: string; error: ErrorReport }[]
  > {
    const { servers } = await readInventory(this.context.home);
    const known = Object.entries(servers);
    const results = await inParallel(known, SERVERS_AT_ONCE, async ([name, record]) => {
      try {
        await this.#syncOne(name, record, wait);
        return [];
      } catch (error) {
        if (!(error instanceof MainspringError)) throw error;
        return [{ name, error: reportOf(error) }];
      }
    });
    await this.entities.endStrays(new Set(Object.keys(servers)));
    return results.flat();
  }

  async #syncOne(name: string, record: InventoryServer, wait: boolean): Promise<void> {
    const isNew = (await this.entities.snapshot(name)) === undefined;
    const spec = specOf(name, record);
    if (!isNew) await this.entities.command(name, record, 'reloadUpdate', { wait });
    else if (startsByItself(spec)) {
      await this.entities.command(name, record, 'startUpdate', { wait });
    } else if (!isOnDemand(spec)) await this.entities.ensure(name, record);
  }

  async #command(
    name: string,
    update: EntityUpdate,
    options?: CommandOptions,
  ): Promise<ServerStatus> {
    const record = await this.#record(name);
    const snapshot = await this.entities.command(name, record, update, options);
    return this.#status(name, record, snapshot);
  }

  async #look(name: string, record: InventoryServer): Promise<ServerStatus> {
    return this.#status(name, record, await this.entities.snapshot(name));
  }

  async #status(
    name: string,
    record: InventoryServer,
    snapshot: ServerSnapshot | undefined,
  ): Promise<ServerStatus> {
    const nowMs = Date.now();
    const view = snapshot?.hasSession
      ? await viewSession(this.context, name, snapshot.generation)
      : undefined;
    if (!snapshot || !view || !isUnschedulable(view, nowMs)) {
      return statusOf({ name, record, snapshot, view, nowMs });
    }
    const unplaced = whyUnplaced(snapshot.signed.spec.requires ?? [], await this.#hosts.recent());
    return statusOf({ name, record, snapshot, view: { ...view, unplaced }, nowMs });
  }

  async #setEnabled(name: string, enabled: boolean): Promise<void> {
    await this.#change(name, (record) => {
      const { disabled: _disabled, ...entry } = record.entry;
      return { ...record, entry: { ...entry, enabled } };
    });
  }

  async #change(name: string, change: (record: InventoryServer) => InventoryServer): Promise<void> {
    await this.#record(name);
    await updateInventory(this.context.home, (inventory) => {
      const servers = Object.entries(inventory.servers).map(
        ([other, record]): [string, InventoryServer] => [
          other,
          other === name ? change(record) : record,
        ],
      );
      return { ...inventory, servers: tableOf(servers) };
    });
  }

  async #record(name: string): Promise<InventoryServer> {
    const { servers } = await readInventory(this.context.home);
    const record = servers[name];
    if (!record) throw unknownServer(name, Object.keys(servers));
    return record;
  }
}

/** The server stays in the inventory, where its entry can be corrected. */
function wasAdded(name: string, error: unknown): unknown {
  if (!(error instanceof MainspringError)) return error;
  const fix = `${error.fix} It was added; to take it out again: mainspring remove ${name}.`;
  return new MainspringError(error.code, error.message, { fix, cause: error });
}

function startsByItself(spec: ServerSpec): boolean {
  return spec.enabled && spec.autostart && !isOnDemand(spec);
}

/** Until its first call, or command, it costs Temporal nothing. */
function isOnDemand({ activation }: ServerSpec): boolean {
  return activation === 'on-demand';
}
