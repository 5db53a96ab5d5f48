import { type HostSockets } from '../../client/internal';
import { type GatewaySessions } from '../../store/store';
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
  store: GatewaySessions;
  /** Of the data directory: seals what clients carry for us. */
  key: Buffer;
  /** What servers say of themselves, outside of calls. */
  sockets?: Pick<HostSockets, 'onNotice' | 'setInterest'>;
  /** The experimental tasks of 2025-11-25. */
  tasks?: LegacyTasks;
  /** Of Mainspring, for `serverInfo`. */
  version: string;
  times?: SessionTimes;
}

/** What all parts of this era share. */
export interface LegacyContext extends LegacyDeps {
  sessions: Sessions;
  lists: ListChanges;
  /** What clients listen to has changed, or who listens. */
  listenersChanged: () => void;
}
