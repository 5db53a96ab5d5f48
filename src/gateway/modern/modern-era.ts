import { type HostSockets } from '../../client/internal';
import { DEFAULT_TASK_AFTER_MS } from '../../domain/limits';
import { type EndpointViews } from '../endpoint/endpoint-view';
import { type DuplexEra, type HttpEra } from '../http/contract';
import { type Operations } from '../operations';
import { ModernTasks } from '../tasks/modern-tasks';
import { type Tasks } from '../tasks/tasks';
import { type Usage } from '../usage';
import { createDuplexEra } from './duplex-era';
import { createHttpEra } from './http-era';
import { ListChanges } from './list-changes';
import { Listening } from './listening';
import { createStateSeal } from './request-state';
import { Requests } from './requests';
import { createResourceUpdates } from './resource-updates';
import { MultiRoundRequests, type MultiRoundDeps } from './mrtr';
import { type JsonObject } from '../../base/json';

export interface ModernDeps {
  operations: Operations;
  catalogues: EndpointViews;
  usage: Usage;
  tasks: Tasks;
  /** Returns the open input requests of a call by its ID. */
  pendingInputRequests: MultiRoundDeps['pendingInputRequests'];
  /** Key of the data directory: encrypts data that clients carry for us. */
  key: Buffer;
  /** Source of servers' notifications outside of calls. */
  sockets?: Pick<HostSockets, 'onNotice' | 'setInterest'>;
  /** Version of Mainspring, for `serverInfo`. */
  version: string;
  /** Milliseconds after which a call becomes a task, for clients that support tasks. */
  tasksAfterMs?: number;
}

/** Serves clients of 2026-07-28. */
export interface ModernEra {
  http: HttpEra;
  duplex: DuplexEra;
  /** Ends every `subscriptions/listen` with its result; requests in progress continue. */
  close(): void;
}

export function createModernEra(deps: ModernDeps): ModernEra {
  const { operations, catalogues, usage, pendingInputRequests } = deps;
  const { tasksAfterMs = DEFAULT_TASK_AFTER_MS } = deps;
  const tasks = new ModernTasks(deps.tasks, operations);
  const seal = createStateSeal(deps.key);
  const lists = new ListChanges(catalogues);
  const resources = deps.sockets && createResourceUpdates(deps.sockets);
  const listening = new Listening({ lists, tasks, ...(resources && { resources }) });
  const serverInfo: JsonObject = { name: 'mainspring', title: 'Mainspring', version: deps.version };
  const requests = new Requests({
    operations,
    tasks,
    listening,
    serverInfo,
    rounds: new MultiRoundRequests({ operations, tasks, seal, pendingInputRequests, tasksAfterMs }),
  });
  return {
    http: createHttpEra({ requests, catalogues, usage }),
    duplex: createDuplexEra({ requests, catalogues, usage }),
    close: () => {
      listening.close();
      lists.close();
      resources?.close();
    },
  };
}
