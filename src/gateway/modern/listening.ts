import { type EndpointView } from '../endpoint/endpoint-view';
import { type ModernTasks, requireTasks } from '../tasks/modern-tasks';
import { modernCapabilities } from './discover';
import { type ListKind } from '../endpoint/list-digests';
import { type ListChanges } from './list-changes';
import { acknowledged, type ListenFilter, readFilter } from './listen-filter';
import { META } from '../../base/mcp-names';
import { type ResourceUpdates } from './resource-updates';
import { type ModernRequest, RoundExchange } from './mrtr-round';
import { type JsonObject } from '../../base/json';
import { TASK_POLL_INTERVAL_MS } from '../../domain/endpoint/gateway-task';
import { pause } from '../../async/pause';

export interface ListeningDeps {
  lists: ListChanges;
  tasks: ModernTasks;
  /** Absent if resources cannot be followed. */
  resources?: ResourceUpdates;
}

const LIST_KINDS = {
  tools: 'toolsListChanged',
  prompts: 'promptsListChanged',
  resources: 'resourcesListChanged',
} as const satisfies Record<ListKind, keyof ListenFilter>;

const FINAL_STATUSES = new Set<unknown>(['completed', 'failed', 'cancelled']);

/** Handles `subscriptions/listen`: requests that stay open and notify their clients of changes. */
export class Listening {
  readonly #closed = new AbortController();

  constructor(private readonly deps: ListeningDeps) {}

  /** Resolves when the client has disconnected, or with a graceful end when the gateway stops. */
  async listen(view: EndpointView, request: ModernRequest): Promise<JsonObject> {
    const requested = readFilter(request.params);
    if (requested.taskIds.length > 0) requireTasks(request);
    const filter = await this.#honoured(requested, view, request);
    const _meta = { [META.subscriptionId]: request.id };
    const notify = (method: string, params: JsonObject = {}) => {
      request.send({ jsonrpc: '2.0', method, params: { ...params, _meta } });
    };
    const over = either(request.signal, this.#closed.signal);
    const stops: (() => void)[] = [];
    notify('notifications/subscriptions/acknowledged', { notifications: acknowledged(filter) });
    try {
      stops.push(this.#followLists(filter, view, request, notify));
      stops.push(...this.#followResources(filter, view, notify));
      this.#followTasks(filter, request, notify, over.signal);
      await over.fired;
    } finally {
      over.stop();
      for (const stop of stops) stop();
    }
    return { resultType: 'complete', _meta };
  }

  /** Ends every stream with a result. */
  close(): void {
    this.#closed.abort();
  }

  async #honoured(
    requested: ListenFilter,
    view: EndpointView,
    request: ModernRequest,
  ): Promise<ListenFilter> {
    const capabilities = modernCapabilities(view, request.caller.scope);
    const isFollowed = (uri: string) => this.deps.resources && view.resolve(uri) !== undefined;
    const tasks = await Promise.all(
      requested.taskIds.map((taskId) =>
        this.deps.tasks.detailed(new RoundExchange(request), taskId).then(
          () => [taskId],
          () => [], // unknown, or of another client
        ),
      ),
    );
    return {
      toolsListChanged: requested.toolsListChanged && 'tools' in capabilities,
      promptsListChanged: requested.promptsListChanged && 'prompts' in capabilities,
      resourcesListChanged: requested.resourcesListChanged && 'resources' in capabilities,
      resourceSubscriptions: requested.resourceSubscriptions.filter(isFollowed),
      taskIds: tasks.flat(),
    };
  }

  #followLists(
    filter: ListenFilter,
    view: EndpointView,
    { caller }: ModernRequest,
    notify: (method: string) => void,
  ): () => void {
    return this.deps.lists.watch(caller.scope, view, (changed) => {
      for (const kind of changed) {
        if (filter[LIST_KINDS[kind]]) notify(`notifications/${kind}/list_changed`);
      }
    });
  }

  #followResources(
    { resourceSubscriptions }: ListenFilter,
    view: EndpointView,
    notify: (method: string, params: JsonObject) => void,
  ): (() => void)[] {
    return resourceSubscriptions.flatMap((uri) => {
      const found = view.resolve(uri);
      if (!found || !this.deps.resources) return [];
      const { server, original } = found;
      const updated = () => notify('notifications/resources/updated', { uri });
      return [this.deps.resources.watch(server, original, updated)];
    });
  }

  /**
   * Notifies each time that the state of a task differs from the last notification; the first time
   * at once.
   */
  #followTasks(
    { taskIds }: ListenFilter,
    request: ModernRequest,
    notify: (method: string, params: JsonObject) => void,
    over: AbortSignal,
  ): void {
    const follow = async (taskId: string) => {
      let lastSent: string | undefined;
      while (!over.aborted) {
        const task = await this.deps.tasks
          .detailed(new RoundExchange(request), taskId)
          .catch(() => undefined); // Temporal is unavailable, or the task has expired
        if (over.aborted) return;
        const { lastUpdatedAt: _heard, ...state } = task ?? {};
        const text = JSON.stringify(state);
        if (task && text !== lastSent) notify('notifications/tasks', task);
        if (task) lastSent = text;
        if (FINAL_STATUSES.has(state.status)) return;
        await pause(TASK_POLL_INTERVAL_MS, over);
      }
    };
    for (const taskId of taskIds) void follow(taskId);
  }
}

/** Hand-written: `AbortSignal.any` keeps data for each stream as long as the gateway lives. */
function either(...signals: readonly AbortSignal[]) {
  const over = new AbortController();
  const end = () => over.abort();
  for (const signal of signals) {
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  }
  return {
    signal: over.signal,
    fired: new Promise<void>((resolve) => {
      if (over.signal.aborted) resolve();
      over.signal.addEventListener('abort', () => resolve(), { once: true });
    }),
    stop: () => {
      end();
      for (const signal of signals) signal.removeEventListener('abort', end);
    },
  };
}
