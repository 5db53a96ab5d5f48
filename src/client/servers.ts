import { WithStartWorkflowOperation, WorkflowNotFoundError } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { type Json } from '../domain/calls';
import { MainspringError } from '../domain/errors';
import { type CommandInput, type ServerSnapshot } from '../domain/messages';
import { CONTROL_QUEUE, parseSessionId, serverWorkflowId } from '../domain/names';
import { type ServerStatus, type ServerSummary } from '../domain/status';
import { type ServerEntry } from '../inventory/config-schema';
import { checkEntry } from '../inventory/check-entry';
import {
  type InventoryServer,
  readInventory,
  tableOf,
  updateInventory,
} from '../inventory/inventory';
import { addServer, removeServers } from '../inventory/merge';
import { specOf } from '../inventory/normalise';
import { signSpec } from '../inventory/signature';
import { mcpServer } from '../../workflows';
import * as messages from '../../workflows/messages';
import { type ClientContext } from './context';
import { translated } from './failures';
import { unknownServer } from './near-names';
import {
  type ConfigChange,
  type ConfigFile,
  mergeConfigs,
  originsOf,
  readConfigFiles,
} from './origins';
import { viewSession } from './session-view';
import { type Snapshots } from './snapshots';
import { statusOf, summaryOf } from './status-of';

export interface CommandOptions {
  /** Answer when the server has settled (default), or as soon as the command is recorded. */
  wait?: boolean;
  correlationId?: string;
}

export interface AddOptions extends CommandOptions {
  /** Start it now; default true, unless the entry says `autostart: false` or is disabled. */
  start?: boolean;
  /** Relative paths in the entry start here; default the working directory. */
  baseDir?: string;
}

/** The servers of an instance. */
export class Servers {
  constructor(
    private readonly context: ClientContext,
    private readonly snapshots: Snapshots,
  ) {}

  /** Every server of the inventory, by name. */
  async list(): Promise<ServerSummary[]> {
    const { servers } = await readInventory(this.context.home);
    const names = Object.keys(servers).sort();
    const statuses = await Promise.all(names.map((name) => this.get(name)));
    return statuses.map(summaryOf);
  }

  /**
   * Everything about one server.
   *
   * @throws MainspringError UNKNOWN_SERVER, with near matches
   */
  async get(name: string): Promise<ServerStatus> {
    const record = await this.#record(name);
    const snapshot = await this.#snapshot(name);
    const view = snapshot?.hasSession
      ? await viewSession(this.context, name, snapshot.generation)
      : undefined;
    return statusOf({ name, record, snapshot, view, nowMs: Date.now() });
  }

  /**
   * Adds a server to the inventory and starts it.
   *
   * @param entry - as in `{"mcpServers": {name: entry}}`
   * @throws MainspringError NAME_TAKEN, INVALID_NAME, INVALID_CONFIG, or why it did not start
   */
  async add(name: string, entry: ServerEntry, options: AddOptions = {}): Promise<ServerStatus> {
    const checked = checkEntry(name, entry);
    const added = { entry: checked, baseDir: options.baseDir ?? process.cwd(), nowMs: Date.now() };
    await updateInventory(this.context.home, (inventory) => addServer(inventory, name, added));
    const record = await this.#record(name);
    const { enabled, autostart } = specOf(name, record);
    await this.#ensure(name, record);
    if (options.start ?? (enabled && autostart)) return this.start(name, options);
    return this.get(name);
  }

  /** Stops a server and forgets it. */
  async remove(name: string, options: CommandOptions = {}): Promise<void> {
    await this.#record(name);
    const { home, store } = this.context;
    await updateInventory(home, (inventory) => removeServers(inventory, [name]));
    await this.#removeEntity(name, options);
    await store.catalogue.remove(name);
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

  /** Allows a server to start again; does not start it. */
  async enable(name: string, options?: CommandOptions): Promise<ServerStatus> {
    return this.#setEnabled(name, true, options);
  }

  /** Stops a server and keeps it from starting. */
  async disable(name: string, options?: CommandOptions): Promise<ServerStatus> {
    return this.#setEnabled(name, false, options);
  }

  /** Sets (or with undefined removes) one member of the server's free metadata; returns all of it. */
  async setMeta(name: string, key: string, value: Json | undefined): Promise<Record<string, Json>> {
    const changed = await this.#change(name, (record) => {
      const { [key]: _old, ...rest } = record.meta;
      return { ...record, meta: value === undefined ? rest : { ...rest, [key]: value } };
    });
    return changed.meta;
  }

  /**
   * Brings the entities in line with the inventory: new servers are added (and started, if they start by
   * themselves), changed ones reloaded, and those that are not in it any more removed.
   */
  async sync({ wait = false }: Pick<CommandOptions, 'wait'> = {}): Promise<void> {
    const { servers } = await readInventory(this.context.home);
    await Promise.all(
      Object.entries(servers).map(async ([name, record]) => {
        const isNew = (await this.#snapshot(name)) === undefined;
        const { enabled, autostart } = specOf(name, record);
        await this.#ensure(name, record);
        if (!isNew) await this.reload(name, { wait });
        else if (enabled && autostart) await this.start(name, { wait });
      }),
    );
    const query = `WorkflowType = 'mcpServer' AND ExecutionStatus = 'Running'`;
    for await (const { workflowId } of this.context.client.workflow.list({ query })) {
      const name = workflowId.slice(serverWorkflowId('').length);
      if (!servers[name]) await this.#removeEntity(name, { wait: false });
    }
    await this.#endStraySessions();
  }

  /** Sessions outlive their entity on purpose; one that no entity knows any more would run for ever. */
  async #endStraySessions(): Promise<void> {
    const { workflow } = this.context.client;
    const query = `WorkflowType = 'mcpSession' AND ExecutionStatus = 'Running'`;
    for await (const { workflowId } of workflow.list({ query })) {
      const session = parseSessionId(workflowId);
      if (!session) continue;
      const entity = await this.#snapshot(session.name);
      if (entity && session.generation >= entity.generation) continue;
      await workflow.getHandle(workflowId).cancel();
    }
  }

  async #command(
    name: string,
    update: 'startUpdate' | 'stopUpdate' | 'restartUpdate' | 'reloadUpdate',
    { wait = true, correlationId = randomUUID() }: CommandOptions = {},
  ): Promise<ServerStatus> {
    const record = await this.#record(name);
    const args: [CommandInput] = [{ actor: this.context.principal, correlationId, wait }];
    try {
      const { client } = this.context;
      const snapshot = await client.workflow.executeUpdateWithStart(messages[update], {
        args,
        startWorkflowOperation: this.#startOperation(name, record),
      });
      this.snapshots.forget(name);
      failIfItFailed(snapshot, wait && update !== 'stopUpdate');
    } catch (error) {
      this.snapshots.forget(name);
      throw translated(error, name);
    }
    return this.get(name);
  }

  async #ensure(name: string, record: InventoryServer): Promise<void> {
    const { client } = this.context;
    await client.workflow.start(mcpServer, {
      ...this.#startOptions(name, record),
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  }

  #startOperation(name: string, record: InventoryServer) {
    return new WithStartWorkflowOperation(mcpServer, {
      ...this.#startOptions(name, record),
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  }

  #startOptions(name: string, record: InventoryServer) {
    const signed = signSpec(this.context.key, specOf(name, record));
    return {
      workflowId: serverWorkflowId(name),
      taskQueue: CONTROL_QUEUE,
      args: [{ name, signed }] satisfies Parameters<typeof mcpServer>,
      staticSummary: `MCP server ${name}`,
    };
  }

  async #removeEntity(name: string, options: CommandOptions): Promise<void> {
    const { client, principal } = this.context;
    const { wait = true, correlationId = randomUUID() } = options;
    try {
      const entity = client.workflow.getHandle(serverWorkflowId(name));
      await entity.executeUpdate(messages.removeUpdate, {
        args: [{ actor: principal, correlationId, wait }],
      });
      if (wait) await entity.result();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw translated(error, name);
    } finally {
      this.snapshots.forget(name);
    }
  }

  async #setEnabled(name: string, enabled: boolean, options?: CommandOptions) {
    await this.#change(name, (record) => {
      const { disabled: _disabled, ...entry } = record.entry;
      return { ...record, entry: { ...entry, enabled } };
    });
    return this.reload(name, options);
  }

  async #change(
    name: string,
    change: (record: InventoryServer) => InventoryServer,
  ): Promise<InventoryServer> {
    await this.#record(name);
    const { servers } = await updateInventory(this.context.home, (inventory) => {
      const record = inventory.servers[name];
      if (!record) return inventory;
      const others = Object.entries(inventory.servers).filter(([other]) => other !== name);
      return { ...inventory, servers: tableOf([...others, [name, change(record)]]) };
    });
    return servers[name] ?? this.#record(name);
  }

  async #record(name: string): Promise<InventoryServer> {
    const { servers } = await readInventory(this.context.home);
    const record = servers[name];
    if (!record) throw unknownServer(name, Object.keys(servers));
    return record;
  }

  /** Undefined while a server of the inventory has no entity yet. */
  async #snapshot(name: string): Promise<ServerSnapshot | undefined> {
    try {
      return await this.snapshots.fetch(name);
    } catch (error) {
      if (error instanceof MainspringError && error.code === 'UNKNOWN_SERVER') return undefined;
      throw error;
    }
  }
}

function failIfItFailed(snapshot: ServerSnapshot, waited: boolean): void {
  const { state, error, desired } = snapshot;
  if (!waited || !error || state === 'RUNNING') return;
  if (state !== 'ERROR' && desired === 'stopped') return;
  throw new MainspringError(error.code, error.message, { fix: error.fix });
}
