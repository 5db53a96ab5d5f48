import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation, WorkflowNotFoundError } from '@temporalio/client';
import { MainspringError, withServerName } from '../../base/errors';
import { type IsolationOrder } from '../../domain/isolation/isolation';
import { type CommandInput, type OrderInput, type ServerSnapshot } from '../../domain/messages';
import { WORKFLOW_TASK_TIMEOUT_MS } from '../../domain/limits';
import { CONTROL_QUEUE, parseSessionId, serverWorkflowId } from '../../domain/names';
import { isUnreachable } from '../../domain/entity/restart';
import { type InventoryServer } from '../../inventory/inventory';
import { specOf } from '../../inventory/normalise';
import { signSpec } from '../../inventory/signature';
import { mcpServer } from '../../../workflows';
import * as messages from '../../../workflows/messages';
import { type ClientContext } from '../context';
import { translated } from '../failures';
import { type CommandOptions } from './command-options';
import { type Snapshots } from './snapshots';

export type EntityUpdate = 'startUpdate' | 'stopUpdate' | 'restartUpdate' | 'reloadUpdate';

/** Workflows behind the servers. */
export class Entities {
  constructor(
    private readonly context: ClientContext,
    private readonly snapshots: Snapshots,
  ) {}

  /** Returns what the entity knows; undefined while a server of the inventory has no entity yet. */
  async snapshot(name: string): Promise<ServerSnapshot | undefined> {
    return this.snapshots.find(name);
  }

  /** Creates the entity if there is none. */
  async ensure(name: string, record: InventoryServer): Promise<void> {
    await this.context.client.workflow.start(mcpServer, this.#startOptions(name, record));
  }

  /**
   * Sends a command to an entity, which is created if there is none, and returns what it then knows; throws why the
   * server failed.
   */
  async command(
    name: string,
    record: InventoryServer,
    update: EntityUpdate,
    options: CommandOptions = {},
  ): Promise<ServerSnapshot> {
    const args = this.#commandArgs(options);
    this.snapshots.forget(name);
    try {
      const start = this.#startOptions(name, record);
      const snapshot = await this.context.client.workflow.executeUpdateWithStart(messages[update], {
        args,
        startWorkflowOperation: new WithStartWorkflowOperation(mcpServer, start),
      });
      this.snapshots.put(snapshot);
      if (args[0].wait && update !== 'stopUpdate') failIfItFailed(snapshot);
      return snapshot;
    } catch (error) {
      throw translated(error, name);
    }
  }

  /** Reports a call to the entity, and creates it if there is none. */
  async wake(name: string, record: InventoryServer): Promise<void> {
    const asked = { actor: this.context.principal };
    try {
      await this.context.client.workflow.signalWithStart(mcpServer, {
        ...this.#startOptions(name, record),
        signal: messages.wakeSignal,
        signalArgs: [asked],
      });
    } catch (error) {
      throw translated(error, name);
    } finally {
      this.snapshots.forget(name);
    }
  }

  /** Sends an operator's order about calls to a server. */
  async order(
    name: string,
    record: InventoryServer,
    order: IsolationOrder,
    { correlationId = randomUUID() }: Pick<CommandOptions, 'correlationId'> = {},
  ): Promise<ServerSnapshot> {
    const start = this.#startOptions(name, record);
    const input: OrderInput = { actor: this.context.principal, correlationId, order };
    try {
      const snapshot = await this.context.client.workflow.executeUpdateWithStart(
        messages.isolationUpdate,
        {
          args: [input],
          startWorkflowOperation: new WithStartWorkflowOperation(mcpServer, start),
        },
      );
      this.snapshots.put(snapshot);
      return snapshot;
    } catch (error) {
      throw translated(error, name);
    }
  }

  /** Stops the server and ends its entity. */
  async remove(name: string, options: CommandOptions = {}): Promise<void> {
    const args = this.#commandArgs(options);
    try {
      const entity = this.context.client.workflow.getHandle(serverWorkflowId(name));
      await entity.executeUpdate(messages.removeUpdate, { args });
      if (args[0].wait) await entity.result();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw translated(error, name);
    } finally {
      this.snapshots.forget(name);
    }
  }

  /** Ends entities of servers that are not in the inventory, and sessions whose entity is gone. */
  async endStrays(names: ReadonlySet<string>): Promise<void> {
    const { workflow } = this.context.client;
    const running = (type: string) =>
      workflow.list({ query: `WorkflowType = '${type}' AND ExecutionStatus = 'Running'` });
    for await (const { workflowId } of running('mcpServer')) {
      const name = workflowId.slice(serverWorkflowId('').length);
      if (!names.has(name)) await this.remove(name, { wait: false });
    }
    // Sessions outlive their entity on purpose; one of a terminated entity would run forever.
    for await (const { workflowId } of running('mcpSession')) {
      const session = parseSessionId(workflowId);
      if (!session) continue;
      // What cannot be sent now, such as to a control worker that is busy with many servers, is sent next time.
      const entity = await this.snapshot(session.name).catch(() => 'unknown' as const);
      if (entity === 'unknown') continue;
      if (entity && session.generation >= entity.generation) continue;
      await workflow.getHandle(workflowId).cancel();
    }
  }

  #commandArgs({ wait = true, correlationId = randomUUID() }: CommandOptions): [CommandInput] {
    return [{ actor: this.context.principal, correlationId, wait }];
  }

  #startOptions(name: string, record: InventoryServer) {
    const signed = signSpec(this.context.key, specOf(name, record));
    return {
      workflowId: serverWorkflowId(name),
      taskQueue: CONTROL_QUEUE,
      args: [{ name, signed }] satisfies Parameters<typeof mcpServer>,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
      staticSummary: `MCP server ${name}`,
      workflowIdConflictPolicy: 'USE_EXISTING' as const,
    };
  }
}

function failIfItFailed(snapshot: ServerSnapshot): void {
  const { name, state, error, desired } = snapshot;
  if (!error || state === 'RUNNING') return;
  if (state !== 'ERROR' && desired === 'stopped') return;
  const goesOn = isUnreachable(snapshot)
    ? ' Mainspring keeps retrying until the server is reachable.'
    : '';
  const fix = `${withServerName(error.fix, name)}${goesOn}`;
  throw new MainspringError(error.code, error.message, { fix });
}
