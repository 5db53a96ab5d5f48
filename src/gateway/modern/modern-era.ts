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
import { Rounds, type RoundsDeps } from './mrtr';
import { type JsonObject } from '../../base/json';

export interface ModernDeps {
  operations: Operations;
  catalogues: EndpointViews;
  usage: Usage;
  tasks: Tasks;
  /** What a server waits for, by the id of its call. */
  pendingAsks: RoundsDeps['pendingAsks'];
  /** Of the data directory: seals what clients carry for us. */
  key: Buffer;
  /** What servers say of themselves, outside of calls. */
  sockets?: Pick<HostSockets, 'onNotice' | 'setInterest'>;
  /** Of Mainspring, for `serverInfo`. */
  version: string;
  /** Milliseconds after which a call becomes a task, for clients that can follow one. */
  tasksAfterMs?: number;
}

/** Clients of 2026-07-28. */
export interface ModernEra {
  http: HttpEra;
  duplex: DuplexEra;
  /** Ends every `subscriptions/listen` with its result; requests under way go on. */
  close(): void;
}

export function createModernEra(deps: ModernDeps): ModernEra {
  const { operations, catalogues, usage, pendingAsks } = deps;
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
    rounds: new Rounds({ operations, tasks, seal, pendingAsks, tasksAfterMs }),
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
