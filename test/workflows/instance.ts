import { setTimeout as delay } from 'node:timers/promises';
import { SearchAttributeType } from '@temporalio/common';
import { type Client, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { type LogLevel, Runtime, DefaultLogger, Worker } from '@temporalio/worker';
import { type IsolationOrder } from '../../src/domain/isolation/isolation';
import { type CommandInput, type OrderInput, type ServerSnapshot } from '../../src/domain/messages';
import {
  CONTROL_QUEUE,
  controlQueue,
  errandQueue,
  HOST_QUEUE,
  serverWorkflowId,
  sessionWorkflowId,
} from '../../src/domain/names';
import { type SessionActivities } from '../../src/domain/activity-types';
import { type StdioSpec } from '../../src/domain/spec';
import { dynamicConfigFlags } from '../../src/temporal/dynamic-config';
import { findTemporal } from '../../src/temporal/executable';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/search-attributes';
import {
  type InstallAllInput,
  type InstallInput,
  installWorkflowId,
} from '../../src/domain/programs/installs';
import { mcpInstall, mcpInstallAll, mcpServer } from '../../workflows';
import * as messages from '../../workflows/messages';
import { restartPolicy, signedSpec } from '../domain/samples';
import { bundle } from './bundle';
import { FakeControl } from './fake-control';
import { FakeHost } from './fake-host';
import { recordHistories } from './recording';
import { type SignedSpec } from '../../src/domain/trust/signed-spec';
import { loadSettings } from '../../src/config';

/** Shown in histories: the same on every machine. */
const IDENTITY = 'test';
const POLL_MS = 10;
const PATIENCE_MS = 50_000;
const LOG_LEVEL: LogLevel = 'ERROR';

const TYPES = {
  Keyword: SearchAttributeType.KEYWORD,
  KeywordList: SearchAttributeType.KEYWORD_LIST,
  Int: SearchAttributeType.INT,
};

export type Command = 'start' | 'stop' | 'restart' | 'reload' | 'remove';

/** A Temporal server, a control worker with the real workflows, and hosts and a store that are fakes. */
export class TestInstance {
  static async start(): Promise<TestInstance> {
    Runtime.install({ logger: new DefaultLogger(LOG_LEVEL) });
    const { path } = await findTemporal({ ...loadSettings(process.env), env: process.env });
    const temporal = await TestWorkflowEnvironment.createLocal({
      client: { identity: IDENTITY },
      server: {
        executable: { type: 'existing-path', path },
        extraArgs: dynamicConfigFlags(),
        searchAttributes: Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => ({
          name,
          type: TYPES[type],
        })),
      },
    });
    const workflowBundle = await bundle({ workflowsPath: require.resolve('../../workflows') });
    const instance = new TestInstance(temporal);
    await instance.#work(CONTROL_QUEUE, {
      workflowBundle,
      activities: instance.control.activities,
    });
    await instance.#work(HOST_QUEUE, { activities: instance.host.activities });
    await instance.#work(errandQueue(), { activities: instance.host.activities });
    return instance;
  }

  readonly control = new FakeControl();
  readonly host: FakeHost;
  readonly #servers: TestServer[] = [];
  readonly #runs: { workflowId: string; runId: string }[] = [];
  readonly #closers: (() => Promise<void>)[] = [];

  private constructor(private readonly temporal: TestWorkflowEnvironment) {
    this.host = new FakeHost(temporal.client);
  }

  get client(): Client {
    return this.temporal.client;
  }

  /** Starts the entity of a server; names must differ within a test file. */
  async add(name: string, over: Partial<StdioSpec> = {}): Promise<TestServer> {
    const restart = restartPolicy({ initialDelayMs: 1, maxDelayMs: 10 });
    const signed = signedSpec({ name, restart, ...over });
    this.control.put(name, signed);
    const entity = await this.client.workflow.start(mcpServer, {
      workflowId: serverWorkflowId(name),
      taskQueue: CONTROL_QUEUE,
      args: [{ name, signed }],
    });
    const server = new TestServer(this, name, signed, entity);
    this.#servers.push(server);
    return server;
  }

  /** Starts an installation as a client does. */
  async install(input: InstallInput) {
    const handle = await this.client.workflow.start(mcpInstall, {
      workflowId: installWorkflowId(input),
      taskQueue: CONTROL_QUEUE,
      args: [input],
    });
    this.#runs.push({ workflowId: handle.workflowId, runId: handle.firstExecutionRunId });
    return handle;
  }

  async installAll(id: string, input: InstallAllInput) {
    const handle = await this.client.workflow.start(mcpInstallAll, {
      workflowId: `mcp-installs/${id}`,
      taskQueue: CONTROL_QUEUE,
      args: [input],
    });
    this.#runs.push({ workflowId: handle.workflowId, runId: handle.firstExecutionRunId });
    return handle;
  }

  /** Answers on the control queue of a server, as its owner does. */
  async own(server: string, activities: Partial<SessionActivities>, replica = 0): Promise<void> {
    await this.#work(controlQueue(server, replica), { activities });
  }

  /** Ends what the test started; its histories are recorded when they are asked for. */
  async clear(): Promise<void> {
    for (const run of this.#runs.splice(0)) await recordHistories(this.client, run);
    for (const server of this.#servers.splice(0)) {
      const { workflowId, firstExecutionRunId: runId } = server.entity;
      await recordHistories(this.client, { workflowId, runId });
      await server.abandon();
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closers.map((close) => close()));
    await this.temporal.teardown();
  }

  async #work(
    taskQueue: string,
    options: Pick<Parameters<typeof Worker.create>[0], 'workflowBundle'> & { activities: object },
  ): Promise<void> {
    const worker = await Worker.create({
      connection: this.temporal.nativeConnection,
      identity: IDENTITY,
      taskQueue,
      shutdownForceTime: '2 s',
      maxHeartbeatThrottleInterval: '100 ms',
      ...options,
    });
    const running = worker.run();
    this.#closers.push(async () => {
      worker.shutdown();
      await running;
    });
  }
}

/** A server of the instance, as its entity sees it. */
export class TestServer {
  constructor(
    private readonly instance: TestInstance,
    readonly name: string,
    readonly signed: SignedSpec,
    readonly entity: WorkflowHandleWithFirstExecutionRunId<typeof mcpServer>,
  ) {}

  async command(command: Command, over: Partial<CommandInput> = {}): Promise<ServerSnapshot> {
    const input: CommandInput = { actor: 'anna', wait: true, ...over };
    return this.current().executeUpdate(messages[`${command}Update`], { args: [input] });
  }

  async order(order: IsolationOrder): Promise<ServerSnapshot> {
    const input: OrderInput = { actor: 'anna', order };
    return this.current().executeUpdate(messages.isolationUpdate, { args: [input] });
  }

  async signal(command: Exclude<Command, 'remove'>): Promise<void> {
    await this.current().signal(messages[`${command}Signal`]);
  }

  snapshot(): Promise<ServerSnapshot> {
    return this.current().query(messages.snapshotQuery);
  }

  /** The first snapshot for which `isSo` holds. */
  async until(isSo: (snapshot: ServerSnapshot) => boolean): Promise<ServerSnapshot> {
    return eventually(() => this.snapshot(), isSo);
  }

  /** Whichever run it has continued to. */
  current() {
    return this.instance.client.workflow.getHandle(serverWorkflowId(this.name));
  }

  session(generation: number, replica = 0) {
    const id = sessionWorkflowId(this.name, generation, replica);
    return this.instance.client.workflow.getHandle(id);
  }

  /** Terminates whatever is left. */
  async abandon(): Promise<void> {
    const { generation } = await this.snapshot();
    const left = [this.current()];
    const { replicas = 1 } = this.signed.spec;
    for (let number = 0; number < replicas && generation > 0; number++) {
      left.push(this.session(generation, number));
    }
    // What has ended by itself cannot be terminated.
    await Promise.allSettled(left.map((handle) => handle.terminate('the test is over')));
  }
}

/** Looks again and again, for as long as a loaded machine may need. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  isSo: (seen: T) => boolean,
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (performance.now() > deadline) {
      throw new Error(`it did not come: ${JSON.stringify(seen, undefined, 2)}`);
    }
    await delay(POLL_MS);
  }
}
