import { MainspringError, reportOf } from '../../base/errors';
import { type IsolationOrder } from '../../domain/isolation/isolation';
import { type ServerSnapshot } from '../../domain/messages';
import { isUnschedulable } from '../../domain/servers/observation';
import { whyUnplaced } from '../../domain/hosts/placement';
import { type BulkCommand } from '../../domain/servers/server-selection';
import { type ServerStatus, type ServerSummary } from '../../domain/servers/status';
import { checkEntry } from '../../inventory/config/check-entry';
import { type ServerEntry } from '../../inventory/config/config-schema';
import {
  changeRecords,
  type InventoryServer,
  readInventory,
  updateInventory,
} from '../../inventory/inventory';
import { addServer, removeByHand, removeServers, switchByHand } from '../../inventory/merge/merge';
import { type ServerSpec } from '../../domain/spec';
import { specOf } from '../../inventory/normalise';
import { checkOrder } from './check-order';
import { type CommandedServer, commandServers } from './command-servers';
import { type ClientContext } from '../context';
import { Hosts } from '../hosts';
import { mapParallel } from '../../async/map-parallel';
import { type CommandOptions } from './command-options';
import { type Entities, type EntityUpdate } from './entities';
import { unknownServer } from '../../domain/servers/unknown-name-errors';
import { type ConfigChange, type ConfigFile } from '../../offline/origins';
import { type Reloaded } from './reload-servers';
import { type ServerProblem } from './server-problem';
import { viewSession } from './session-view';
import { serverStatus, serverSummary } from './server-status';
import { type Json } from '../../base/json';

export { type CommandedServer, type CommandOptions };

export interface AddOptions extends CommandOptions {
  /** Whether to start it now; default true, unless the entry says `autostart: false` or is disabled. */
  start?: boolean;
  /** Relative paths in the entry start here; default the working directory. */
  baseDir?: string;
  /** The file or template that describes it. */
  from?: string;
}

/** State of a server after a command. */
export interface Commanded extends ServerStatus {
  /** Whether it was in that state before, or on its way: the command changed nothing. */
  already: boolean;
}

export interface SyncOptions extends Pick<CommandOptions, 'wait'> {
  /** Names of the servers; default all, and those that are not in the inventory. */
  names?: readonly string[] | undefined;
}

/** Servers that are read or synchronized at the same time: a thousand at once would fill memory. */
const SERVERS_AT_ONCE = 64;

/** Servers of an instance. */
export class Servers {
  readonly #hosts: Hosts;

  /** @internal */
  constructor(
    private readonly context: ClientContext,
    private readonly entities: Entities,
  ) {
    this.#hosts = new Hosts(context);
  }

  /** Lists the servers of the inventory, by name; of these names, if any are given, those that are in it. */
  async list(names?: readonly string[]): Promise<ServerSummary[]> {
    return (await this.statuses(names)).map(serverSummary);
  }

  /** Returns everything about the servers of the inventory, by name; of these names, if any are given, those that are in it. */
  async statuses(names?: readonly string[]): Promise<ServerStatus[]> {
    const records = (await this.#records(names)).sort(([a], [b]) => (a < b ? -1 : 1));
    return mapParallel(records, SERVERS_AT_ONCE, (known) => this.#readStatus(...known));
  }

  /**
   * Returns everything about one server.
   *
   * @throws MainspringError UNKNOWN_SERVER, with near matches
   */
  async get(name: string): Promise<ServerStatus> {
    return this.#readStatus(name, await this.#record(name));
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

  /**
   * Stops a server and forgets it. Reading its config file again does not bring it back; an import does. Returns that
   * file, undefined when it comes from none.
   */
  async remove(name: string, options?: CommandOptions): Promise<string | undefined> {
    const { origin } = await this.#record(name);
    await updateInventory(this.context.home, (inventory) => removeByHand(inventory, name));
    await this.#forget(name, options);
    return origin === 'cli' ? undefined : origin.file;
  }

  /**
   * Stops and forgets servers that are not in their config files any more; one that fails is returned with its error.
   *
   * @internal
   */
  async dropVanished(
    changes: readonly Pick<ConfigChange, 'name' | 'change'>[],
  ): Promise<ServerProblem[]> {
    const names = changes.flatMap(({ name, change }) => (change === 'vanished' ? [name] : []));
    if (names.length === 0) return [];
    await updateInventory(this.context.home, (inventory) => removeServers(inventory, names));
    return this.#each(names, (name) => this.#forget(name));
  }

  async #forget(name: string, options?: CommandOptions): Promise<void> {
    const { store } = this.context;
    await this.entities.remove(name, options);
    const kept = [store.catalogue, store.offers, store.health];
    await Promise.all([...kept.map((stored) => stored.remove(name)), store.grants.removeAll(name)]);
  }

  /** Starts a server; resolves when it is RUNNING, and throws why it is not. One that is already running is left alone. */
  async start(name: string, options?: CommandOptions): Promise<Commanded> {
    return this.#command(name, 'startUpdate', options);
  }

  /** Stops a server: calls in flight get the grace of its spec, then its process is ended. A stopped server stays stopped. */
  async stop(name: string, options?: CommandOptions): Promise<Commanded> {
    return this.#command(name, 'stopUpdate', options);
  }

  /** Restarts a server; calls wait meanwhile. */
  async restart(name: string, options?: CommandOptions): Promise<ServerStatus> {
    return this.#command(name, 'restartUpdate', options);
  }

  /** Applies the spec that the inventory has now; an unchanged server is left alone. */
  async reload(name: string, options?: CommandOptions): Promise<ServerStatus> {
    return this.#command(name, 'reloadUpdate', options);
  }

  /**
   * Sends an order about calls: circuit breaker, quarantine, maintenance and approval of tools.
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

  /** Gives many servers the same command at once; returns a row for each, in their order, with the result. */
  async command(
    command: BulkCommand,
    names: readonly string[],
    options?: CommandOptions,
  ): Promise<CommandedServer[]> {
    return commandServers(this, command, names, options);
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

  /** Returns the dependencies of each server, by name. */
  async dependencies(): Promise<Map<string, string[]>> {
    const records = await this.#records();
    return new Map(records.map(([name, { entry }]) => [name, entry.dependsOn ?? []]));
  }

  /** Sets (or with undefined removes) one member of the server's free metadata; returns all of it. */
  async setMeta(name: string, key: string, value: Json | undefined): Promise<Record<string, Json>> {
    await this.#change(name, (record) => {
      const { [key]: _old, ...rest } = record.meta;
      return { ...record, meta: value === undefined ? rest : { ...rest, [key]: value } };
    });
    return (await this.get(name)).meta;
  }

  /**
   * Reads the config file of a server again; `reload` makes the change take effect.
   *
   * @internal
   */
  async readOrigin(name: string): Promise<ConfigChange[]> {
    const { home } = this.context;
    await this.#record(name);
    const { originsOf, readConfigFiles } = await import('../../offline/origins.js');
    return this.mergeConfigs(await readConfigFiles(originsOf(await readInventory(home), name)));
  }

  /** Reads every config file again and applies it; returns a row for each server, with the result. */
  async reloadAll(onChange: (change: ConfigChange) => void = () => undefined): Promise<Reloaded> {
    const { reloadServers } = await import('./reload-servers.js');
    return reloadServers(this.context.home, this, onChange);
  }

  /**
   * Takes over what config files say into the inventory; `sync` makes it take effect.
   *
   * @internal
   */
  async mergeConfigs(configs: readonly ConfigFile[]): Promise<ConfigChange[]> {
    const { mergeConfigs } = await import('../../offline/origins.js');
    return mergeConfigs(this.context.home, configs);
  }

  /**
   * Brings Temporal in line with the inventory: new servers are added (and started, if they start by
   * themselves), changed ones reloaded, and what is not in it any more is ended. One that cannot be brought in
   * line does not keep the others from it; it is returned with its error. With names it is about these servers only.
   *
   * @internal
   */
  async sync({ wait = false, names }: SyncOptions = {}): Promise<ServerProblem[]> {
    const known = await this.#records(names);
    const records = new Map(known);
    const problems = await this.#each([...records.keys()], async (name) => {
      const record = records.get(name);
      if (record) await this.#syncOne(name, record, wait);
    });
    if (!names) await this.entities.endStrays(new Set(records.keys()));
    return problems;
  }

  /** Works on servers, many at once; one that fails does not affect the others, and is returned with its error. */
  async #each(
    names: readonly string[],
    work: (name: string) => Promise<void>,
  ): Promise<ServerProblem[]> {
    const results = await mapParallel(names, SERVERS_AT_ONCE, async (name) => {
      try {
        await work(name);
        return [];
      } catch (error) {
        if (!(error instanceof MainspringError)) throw error;
        return [{ name, error: reportOf(error) }];
      }
    });
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

  async #command(name: string, update: EntityUpdate, options?: CommandOptions): Promise<Commanded> {
    const record = await this.#record(name);
    const snapshot = await this.entities.command(name, record, update, options);
    const status = await this.#status(name, record, snapshot);
    return { ...status, already: snapshot.already === true };
  }

  async #readStatus(name: string, record: InventoryServer): Promise<ServerStatus> {
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
      return serverStatus({ name, record, snapshot, view, nowMs });
    }
    const unplaced = whyUnplaced(snapshot.signed.spec.requires ?? [], await this.#hosts.recent());
    return serverStatus({ name, record, snapshot, view: { ...view, unplaced }, nowMs });
  }

  async #setEnabled(name: string, enabled: boolean): Promise<void> {
    await this.#change(name, (record) => switchByHand(record, enabled));
  }

  async #change(name: string, change: (record: InventoryServer) => InventoryServer): Promise<void> {
    await this.#record(name);
    await updateInventory(this.context.home, (inventory) =>
      changeRecords(inventory, [name], change),
    );
  }

  async #records(names?: readonly string[]): Promise<[string, InventoryServer][]> {
    const { servers } = await readInventory(this.context.home);
    return Object.entries(servers).filter(([name]) => names?.includes(name) ?? true);
  }

  async #record(name: string): Promise<InventoryServer> {
    const { servers } = await readInventory(this.context.home);
    const record = servers[name];
    if (!record) throw unknownServer(name, Object.keys(servers));
    return record;
  }
}

/** Adds to an error that the server stays in the inventory, where its entry can be corrected. */
function wasAdded(name: string, error: unknown): unknown {
  if (!(error instanceof MainspringError)) return error;
  const fix = `${error.fix} The server was added; to remove it: mainspring remove ${name}.`;
  return new MainspringError(error.code, error.message, { fix, cause: error });
}

function startsByItself(spec: ServerSpec): boolean {
  return spec.enabled && spec.autostart && !isOnDemand(spec);
}

/** Whether a server costs Temporal nothing until its first call, or command. */
function isOnDemand({ activation }: ServerSpec): boolean {
  return activation === 'on-demand';
}
