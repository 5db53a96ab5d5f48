import { type HostSockets } from '../../client/internal';
import { type GatewaySessionStore } from '../../store/store';
import { type EndpointViews } from '../endpoint/endpoint-view';
import { type Operations } from '../operations';
import { type Usage } from '../usage';
import { type LegacyTasks } from '../tasks/contract';
import { type ListChanges } from './list-changes';
import { type Sessions, type SessionTimes } from './sessions';

export interface LegacyDeps {
  operations: Operations;
  usage: Usage;
  catalogues: EndpointViews;
  store: GatewaySessionStore;
  /** Key of the data directory: signs data that clients carry for us. */
  key: Buffer;
  /** Source of servers' notifications outside of calls. */
  sockets?: Pick<HostSockets, 'onNotice' | 'setInterest'>;
  /** Experimental tasks of 2025-11-25. */
  tasks?: LegacyTasks;
  /** Version of Mainspring, for `serverInfo`. */
  version: string;
  times?: SessionTimes;
}

/** Dependencies that all parts of this era share. */
export interface LegacyContext extends LegacyDeps {
  sessions: Sessions;
  lists: ListChanges;
  /** Called when the set of listening clients, or of what they listen to, has changed. */
  listenersChanged: () => void;
}
